"""The copy of SMPL that an authors' checkpoint brings along, and whether it is the body that was given.

The released code saved its body layer with the network. The network's numbers mean something only on that body.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from tcmr.body.model import BodyModel
from tcmr.joints import SMPL_PARENTS, SMPL_VERTEX_JOINTS

# Bodies are equal where they differ by less than this: single precision, and files written on other machines.
SAME = 1e-5
_VERTICES, _FACES, _BATCH = 6890, 13776, 64


class EmbeddedBody(nn.Module):
    """Buffers under the names of the released code's body layer (`regressor.smpl.*`), to be filled.

    `betas`, `global_orient` and `body_pose` are what the layer was last at rest with; nothing reads them.
    """

    v_template: Tensor
    J_regressor: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("betas", torch.zeros(_BATCH, 10))
        self.register_buffer("global_orient", torch.zeros(_BATCH, 3))
        self.register_buffer("body_pose", torch.zeros(_BATCH, 69))
        self.register_buffer("faces_tensor", torch.zeros(_FACES, 3, dtype=torch.int64))
        self.register_buffer("v_template", torch.zeros(_VERTICES, 3))
        self.register_buffer("shapedirs", torch.zeros(_VERTICES, 3, 10))
        self.register_buffer("J_regressor", torch.zeros(24, _VERTICES))
        self.register_buffer("posedirs", torch.zeros(207, _VERTICES * 3))
        self.register_buffer("parents", torch.zeros(24, dtype=torch.int64))
        self.register_buffer("lbs_weights", torch.zeros(_VERTICES, 24))
        self.register_buffer("J_regressor_extra", torch.zeros(9, _VERTICES))
        self.vertex_joint_selector = nn.Module()
        self.vertex_joint_selector.register_buffer("extra_joints_idxs", torch.zeros(21, dtype=torch.int64))

    def differences(self, body: BodyModel) -> dict[str, float]:
        """Return by how much each tensor differs from the body's, where it does: the largest, infinite if none fits.

        A body without J_regressor_extra is not asked for it.
        """
        body = body.to("cpu")
        compared = {
            name: _largest_difference(self.get_buffer(name), expected) for name, expected in _of_body(body)
        }
        # The body keeps what its joint regressor gives, not the regressor.
        joints = self.J_regressor @ self.v_template
        compared["J_regressor"] = _largest_difference(joints, body.joint_template_m)
        return {name: difference for name, difference in compared.items() if not difference <= SAME}


def _of_body(body: BodyModel) -> Iterator[tuple[str, Tensor]]:
    """Yield a body's tensors under the layer's names."""
    yield "v_template", body.template_m
    yield "shapedirs", body.shape_dirs
    yield "posedirs", body.pose_dirs.flatten(1)
    yield "lbs_weights", body.skin_weights
    yield "faces_tensor", body.faces
    yield "parents", torch.tensor(SMPL_PARENTS)
    yield "vertex_joint_selector.extra_joints_idxs", torch.tensor(list(SMPL_VERTEX_JOINTS.values()))
    if "extra" in body.regressors:
        extra = body.regressors["extra"]
        dense = torch.zeros(len(extra.joint_set), len(body.template_m))
        dense[:, extra.vertex_ids] = extra.weights
        yield "J_regressor_extra", dense


def _largest_difference(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max()) if found.shape == expected.shape else math.inf
