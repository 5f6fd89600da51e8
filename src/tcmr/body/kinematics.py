"""Forward kinematics of SMPL's tree: where the joints are, without touching a vertex."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.joints import SMPL_LEVELS, SMPL_PARENTS

# For each level after the root, the place of each joint's parent within the level before.
_PARENTS_IN_LEVEL = [
    [above.index(SMPL_PARENTS[joint]) for joint in level] for above, level in pairwise(SMPL_LEVELS)
]


def global_rotations(rotmat: Float[Tensor, "*batch 24 3 3"]) -> Float[Tensor, "*batch 24 3 3"]:
    """Turn parent-relative rotations of SMPL's tree into rotations to the root's frame of reference."""
    levels = [rotmat[..., :1, :, :]]
    for level, parents in zip(SMPL_LEVELS[1:], _PARENTS_IN_LEVEL, strict=True):
        own = rotmat[..., level[0] : level[-1] + 1, :, :]
        levels.append(levels[-1][..., parents, :, :] @ own)
    return torch.cat(levels, dim=-3)


def joint_positions(
    global_rotmat: Float[Tensor, "*pose 24 3 3"], rest_joints_m: Float[Tensor, "*shape 24 3"]
) -> Float[Tensor, "*batch 24 3"]:
    """Place the joints (metres): the root stays at its rest position, each child turns with its parent.

    The leading axes broadcast.
    """
    parents = list(SMPL_PARENTS[1:])
    bones = rest_joints_m[..., 1:, :] - rest_joints_m[..., parents, :]
    turned = (global_rotmat[..., parents, :, :] @ bones[..., None])[..., 0]
    root = rest_joints_m[..., :1, :].expand(*turned.shape[:-2], 1, 3)
    levels = [root]
    for level, parents_in_level in zip(SMPL_LEVELS[1:], _PARENTS_IN_LEVEL, strict=True):
        steps = turned[..., level[0] - 1 : level[-1], :]
        levels.append(levels[-1][..., parents_in_level, :] + steps)
    return torch.cat(levels, dim=-2)
