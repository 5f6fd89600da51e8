"""The body as a chain of immutable values: model -> shaped -> posed -> joints or vertices.

    posed = body.with_shape(betas).with_pose(rotmat)
    posed.joints_m, posed.joints(SPIN_49), posed.vertices()

Joints come from the tree alone; vertices are skinned only when asked for, and only those that are needed.
Source: M. Loper et al., "SMPL: a skinned multi-person linear model", 2015.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tcmr.body.kinematics import forward_kinematics
from tcmr.body.regressors import JointRegressor, topology_hash
from tcmr.errors import TcmrError
from tcmr.joints import BODY_54, H36M_14, H36M_17, SMPL_24, SMPL_VERTEX_JOINTS, JointSet, indices


@dataclass(frozen=True)
class BodyModel:
    """A body in SMPL's format: T-pose at rest, y up, facing +z, metres.

    `name` and `sha256` tell which file it came from; `topology` which mesh (see `regressors.topology_hash`).
    """

    template_m: Float[Tensor, "vertices 3"]
    shape_dirs: Float[Tensor, "vertices 3 10"]
    pose_dirs: Float[Tensor, "207 vertices 3"]
    joint_template_m: Float[Tensor, "24 3"]
    joint_shape_dirs: Float[Tensor, "24 3 10"]
    skin_weights: Float[Tensor, "vertices 24"]
    faces: Int[Tensor, "faces 3"]
    regressors: Mapping[str, JointRegressor]
    topology: str
    name: str
    sha256: str

    @classmethod
    def from_smpl_arrays(cls, arrays: Mapping[str, np.ndarray], name: str, sha256: str) -> "BodyModel":
        """Build a body in float32 from arrays under SMPL's own names."""

        def tensor(array: np.ndarray) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))

        template, shape_dirs = arrays["v_template"], arrays["shapedirs"]
        joint_regressor = arrays["J_regressor"]
        topology = topology_hash(arrays["f"])
        return cls(
            template_m=tensor(template),
            shape_dirs=tensor(shape_dirs),
            pose_dirs=tensor(np.moveaxis(arrays["posedirs"], -1, 0)),
            joint_template_m=tensor(joint_regressor @ template),
            joint_shape_dirs=tensor(np.einsum("jv,vck->jck", joint_regressor, shape_dirs)),
            skin_weights=tensor(arrays["weights"]),
            faces=torch.from_numpy(arrays["f"].astype(np.int64)),
            regressors={"landmarks": JointRegressor.picking(SMPL_VERTEX_JOINTS, topology)},
            topology=topology,
            name=name,
            sha256=sha256,
        )

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return self.template_m.device

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> "BodyModel":
        """Return the same body on another device or in another precision."""
        moved = {
            name: getattr(self, name).to(device=device, dtype=dtype)
            for name in (
                "template_m",
                "shape_dirs",
                "pose_dirs",
                "joint_template_m",
                "joint_shape_dirs",
                "skin_weights",
            )
        }
        regressors = {name: regressor.to(device, dtype) for name, regressor in self.regressors.items()}
        return replace(self, **moved, faces=self.faces.to(device), regressors=regressors)

    def with_regressors(self, regressors: Mapping[str, JointRegressor]) -> "BodyModel":
        """Return the body with more joint regressors.

        Raises:
            TcmrError: a regressor belongs to another mesh, where its vertex numbers mean other places.
        """
        for name, regressor in regressors.items():
            if regressor.topology != self.topology:
                raise TcmrError(
                    f"the joint regressor '{name}' belongs to another mesh than the body '{self.name}'; "
                    "use each body only with the regressors that came with it"
                )
        moved = {
            name: regressor.to(self.device, self.template_m.dtype) for name, regressor in regressors.items()
        }
        return replace(self, regressors={**self.regressors, **moved})

    def regressor(self, name: str) -> JointRegressor:
        """Return a regressor of this body by name ("landmarks", "extra", "h36m").

        Raises:
            TcmrError: the body came without it.
        """
        if name not in self.regressors:
            raise TcmrError(
                f"the body '{self.name}' came without J_regressor_{name}; "
                f"give the folder that holds the body and J_regressor_{name}.npy together"
            )
        return self.regressors[name]

    def with_shape(self, betas: Float[Tensor, "*batch 10"]) -> "ShapedBody":
        """Return the body of the persons with these shape coefficients; any leading axes."""
        joints = self.joint_template_m + torch.einsum("jck,...k->...jc", self.joint_shape_dirs, betas)
        return ShapedBody(self, betas, joints)


@dataclass(frozen=True)
class ShapedBody:
    """A body of given shape at rest; `joints_m` are its rest joints."""

    model: BodyModel
    betas: Float[Tensor, "*batch 10"]
    joints_m: Float[Tensor, "*batch 24 3"]

    @cached_property
    def vertices_m(self) -> Float[Tensor, "*batch vertices 3"]:
        """Return the vertices at rest; computed once."""
        return self.rest_vertices(slice(None))

    def rest_vertices(self, vertex_ids: Int[Tensor, " used"] | slice) -> Float[Tensor, "*batch used 3"]:
        """Return some of the vertices at rest, in metres."""
        template = self.model.template_m[vertex_ids]
        shape_dirs = self.model.shape_dirs[vertex_ids].flatten(0, 1)
        return template + (self.betas @ shape_dirs.T).unflatten(-1, template.shape)

    def with_pose(
        self,
        rotmat: Float[Tensor, "*pose 24 3 3"],
        transl_m: Float[Tensor, "*transl 3"] | None = None,
    ) -> "PosedBody":
        """Pose the body by parent-relative rotations about each joint, then move it.

        The first rotation is the pelvis', about the pelvis joint. Leading axes broadcast against the shape's.
        """
        global_rotmat, joints = forward_kinematics(rotmat, self.joints_m)
        if transl_m is not None:
            joints = joints + transl_m[..., None, :]
        return PosedBody(self, rotmat, global_rotmat, joints)

    def with_pose_at(
        self, rotmat: Float[Tensor, "*pose 24 3 3"], pelvis_m: Float[Tensor, "*place 3"]
    ) -> "PosedBody":
        """Pose the body with its pelvis joint at a place: what a motion's `transl` is."""
        return self.with_pose(rotmat, pelvis_m - self.joints_m[..., 0, :])


@dataclass(frozen=True)
class PosedBody:
    """A body of given shape and pose; vertices are computed on demand."""

    shaped: ShapedBody
    rotmat: Float[Tensor, "*pose 24 3 3"]
    global_rotmat: Float[Tensor, "*batch 24 3 3"]
    joints_m: Float[Tensor, "*batch 24 3"]

    def vertices(self) -> Float[Tensor, "*batch vertices 3"]:
        """Return all vertices in metres, by linear blend skinning."""
        return self._skin(self.shaped.vertices_m, slice(None))

    def joints(self, joint_set: JointSet) -> Float[Tensor, "*batch joints 3"]:
        """Return a named joint set in metres.

        H36M_17 and H36M_14 are the H36M regressor's; every other set is picked by name from BODY_54
        (SMPL_24, SPIN_49, LIMBS_12, ...). Only the vertices that the set needs are skinned.

        Raises:
            TcmrError: the body came without the regressor that the set needs.
            ValueError: a name is in no set.
        """
        if joint_set in (H36M_17, H36M_14):
            return self._regressed("h36m")[..., indices(H36M_17, joint_set), :]
        positions = [self.joints_m]
        known = SMPL_24
        for name in ("landmarks", "extra"):
            if not set(joint_set) <= set(known):
                positions.append(self._regressed(name))
                known = BODY_54[: len(known) + positions[-1].shape[-2]]
        return torch.cat(positions, dim=-2)[..., indices(known, joint_set), :]

    def _regressed(self, name: str) -> Float[Tensor, "*batch joints 3"]:
        regressor = self.shaped.model.regressor(name)
        rest = self.shaped.rest_vertices(regressor.vertex_ids)
        return regressor.weights @ self._skin(rest, regressor.vertex_ids)

    def _skin(
        self, rest_m: Float[Tensor, "*shape used 3"], vertex_ids: Int[Tensor, " used"] | slice
    ) -> Float[Tensor, "*batch used 3"]:
        model = self.shaped.model
        pose_dirs = model.pose_dirs[:, vertex_ids].flatten(1, 2)
        pose_features = (self.rotmat[..., 1:, :, :] - torch.eye(3).to(self.rotmat)).flatten(-3)
        unposed = rest_m + (pose_features @ pose_dirs).unflatten(-1, rest_m.shape[-2:])

        turned_rest_joints = (self.global_rotmat @ self.shaped.joints_m[..., None])[..., 0]
        shifts = self.joints_m - turned_rest_joints
        rotations = self.global_rotmat.expand(*shifts.shape, 3)
        transforms = torch.cat([rotations, shifts[..., None]], dim=-1).flatten(-2)
        blended = (model.skin_weights[vertex_ids] @ transforms).unflatten(-1, (3, 4))
        return (blended[..., :3] @ unposed[..., None])[..., 0] + blended[..., 3]
