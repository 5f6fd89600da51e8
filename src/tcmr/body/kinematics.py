"""Forward kinematics of SMPL's tree: where the joints are, without touching a vertex.

Training poses bodies by the million. Inside, the batch is the last axis: the 3x3 products then run over the
whole batch in vector registers, about twice as fast as batched products of small matrices.
"""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.joints import SMPL_LEVELS, SMPL_PARENTS

_PARENTS = list(SMPL_PARENTS[1:])
# For each level after the root: its first and last joint, and its parents' places within the level before.
_LEVELS = [
    (level[0], level[-1], [above.index(SMPL_PARENTS[joint]) for joint in level])
    for above, level in pairwise(SMPL_LEVELS)
]


def forward_kinematics(
    rotmat: Float[Tensor, "*pose 24 3 3"], rest_joints_m: Float[Tensor, "*shape 24 3"]
) -> tuple[Float[Tensor, "*batch 24 3 3"], Float[Tensor, "*batch 24 3"]]:
    """Chain parent-relative rotations from the root, and place the joints (metres).

    The root stays at its rest position; each child turns with its parent. The leading axes broadcast.
    """
    batch = torch.broadcast_shapes(rotmat.shape[:-3], rest_joints_m.shape[:-2])
    local = rotmat.expand(*batch, 24, 3, 3).movedim((-3, -2, -1), (0, 1, 2)).contiguous()
    rest = rest_joints_m.expand(*batch, 24, 3).movedim((-2, -1), (0, 1)).contiguous()

    rotations = [local[:1]]
    for first, last, parents in _LEVELS:
        rotations.append(_product(rotations[-1][parents], local[first : last + 1]))
    chained = torch.cat(rotations)

    bones = rest[1:] - rest[_PARENTS]
    turned = _product(chained[_PARENTS], bones[:, :, None])[:, :, 0]
    positions = [rest[:1]]
    for first, last, parents in _LEVELS:
        positions.append(positions[-1][parents] + turned[first - 1 : last])
    joints = torch.cat(positions)

    global_rotmat = chained.movedim((0, 1, 2), (-3, -2, -1)).contiguous()
    return global_rotmat, joints.movedim((0, 1), (-2, -1)).contiguous()


def _product(
    a: Float[Tensor, "joints 3 3 *batch"], b: Float[Tensor, "joints 3 columns *batch"]
) -> Float[Tensor, "joints 3 columns *batch"]:
    """Multiply matrices whose rows and columns are the second and third axes."""
    x, y, z = (a[:, :, k : k + 1] * b[:, k : k + 1] for k in range(3))
    return x + y + z
