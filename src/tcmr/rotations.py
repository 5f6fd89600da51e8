"""Rotations: thin names over roma, and the 6D form that the networks speak.

6D: the first two columns of the rotation matrix, row by row (a1x, a2x, a1y, a2y, a1z, a2z), as in SPIN.
"""

import roma
import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import normalize

# Columns whose directions differ by less than this (radians, about) say nothing of a rotation but rounding.
PARALLEL = 1e-6


def rotmat_from_6d(rot6d: Float[Tensor, "*batch 6"]) -> Float[Tensor, "*batch 3 3"]:
    """Make rotation matrices of 6D vectors by Gram-Schmidt.

    A vector with a zero column, or with parallel ones, stands for no rotation: its matrix is singular, which
    `is_rotation` tells.

    Source: Zhou et al., "On the Continuity of Rotation Representations in Neural Networks", CVPR 2019.
    """
    columns = rot6d.unflatten(-1, (3, 2))
    first = normalize(columns[..., 0], dim=-1)
    second = columns[..., 1] - (first * columns[..., 1]).sum(-1, keepdim=True) * first
    length, whole = second.norm(dim=-1, keepdim=True), columns[..., 1].norm(dim=-1, keepdim=True)
    second = normalize(torch.where(length > PARALLEL * whole, second, 0.0), dim=-1)
    return torch.stack([first, second, torch.linalg.cross(first, second)], dim=-1)


def is_rotation(rotmat: Float[Tensor, "*batch 3 3"]) -> Bool[Tensor, "*batch"]:
    """Tell which matrices are finite and turn without flattening or mirroring."""
    return (torch.linalg.det(rotmat) - 1).abs() < 1e-3


def rot6d_from_rotmat(rotmat: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 6"]:
    """Take the first two columns of rotation matrices as 6D vectors."""
    return rotmat[..., :2].flatten(-2)


def rotmat_from_axis_angle(axis_angle: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3 3"]:
    """Make rotation matrices of axis-angle vectors (radians)."""
    return roma.rotvec_to_rotmat(axis_angle)


def mean_rotmat(sums: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3 3"]:
    """Return the chordal mean of rotations from their weighted sum: the rotation nearest to it.

    Source: Hartley et al., "Rotation averaging", IJCV 2013.
    """
    return roma.special_procrustes(sums)


def axis_angle_from_rotmat(rotmat: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3"]:
    """Make axis-angle vectors (radians, norm at most pi) of rotation matrices."""
    return roma.rotmat_to_rotvec(rotmat)


def rotmat_between(
    start: Float[Tensor, "*batch 3"], end: Float[Tensor, "*batch 3"]
) -> Float[Tensor, "*batch 3 3"]:
    """Make the smallest rotations that turn unit vectors `start` into unit vectors `end` (not opposite ones)."""
    axis = torch.linalg.cross(start, end)
    x, y, z = axis.unbind(-1)
    zero = torch.zeros_like(x)
    skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))
    cosine = (start * end).sum(-1)[..., None, None]
    eye = torch.eye(3, dtype=start.dtype, device=start.device)
    return eye + skew + skew @ skew / (1 + cosine)


def quaternion_from_rotmat(rotmat: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 4"]:
    """Make unit quaternions (x, y, z, w) of rotation matrices."""
    return roma.rotmat_to_unitquat(rotmat)
