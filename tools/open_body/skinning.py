"""Linear blend and dual quaternion skinning with the artists' rig of 30 bones.

Source of the latter: L. Kavan et al., "Geometric skinning with approximate dual quaternion blending", 2008.
"""

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation
from tools.open_body.skeleton import RIG_JOINTS

from tcmr.joints import SMPL_PARENTS

# The bone after which each bone's quaternion takes its sign: its parent; for a twist bone, its joint's own.
_SIGN_FROM = [*SMPL_PARENTS, *RIG_JOINTS[24:]]


def chain_positions(
    rotations: Float[np.ndarray, "persons bones 3 3"], rest_joints: Float[np.ndarray, "persons 24 3"]
) -> Float[np.ndarray, "persons 24 3"]:
    """Return where the joints go when each has the given global rotation."""
    placed = rest_joints.copy()
    for joint, parent in enumerate(SMPL_PARENTS[1:], start=1):
        bone = rest_joints[:, joint] - rest_joints[:, parent]
        placed[:, joint] = placed[:, parent] + np.einsum("nij,nj->ni", rotations[:, parent], bone)
    return placed


def bone_shifts(
    rotations: Float[np.ndarray, "persons bones 3 3"],
    rest_joints: Float[np.ndarray, "persons 24 3"],
    placed_joints: Float[np.ndarray, "persons 24 3"],
) -> Float[np.ndarray, "persons bones 3"]:
    """Return the translation that, after its rotation, takes each bone from rest to its place."""
    origins = RIG_JOINTS[: rotations.shape[1]]
    return placed_joints[:, origins] - np.einsum("nbij,nbj->nbi", rotations, rest_joints[:, origins])


def skin_linear(
    points: Float[np.ndarray, "vertices 3"],
    weights: Float[np.ndarray, "vertices bones"],
    rotations: Float[np.ndarray, "bones 3 3"],
    shifts: Float[np.ndarray, "bones 3"],
) -> Float[np.ndarray, "vertices 3"]:
    """Blend the bones' transforms as matrices."""
    blended = (weights @ rotations.reshape(-1, 9)).reshape(-1, 3, 3)
    return np.einsum("vij,vj->vi", blended, points) + weights @ shifts


def skin_dual_quaternion(
    points: Float[np.ndarray, "vertices 3"],
    weights: Float[np.ndarray, "vertices bones"],
    rotations: Float[np.ndarray, "bones 3 3"],
    shifts: Float[np.ndarray, "bones 3"],
) -> Float[np.ndarray, "vertices 3"]:
    """Blend the bones' transforms as dual quaternions, which keeps volume in twists."""
    real = Rotation.from_matrix(rotations).as_quat(scalar_first=True)
    for bone, reference in enumerate(_SIGN_FROM):
        if reference >= 0 and real[bone] @ real[reference] < 0:
            real[bone] *= -1
    dual = _quaternion_product(np.c_[np.zeros(len(shifts)), shifts], real) / 2
    blended_real, blended_dual = weights @ real, weights @ dual
    norm = np.linalg.norm(blended_real, axis=1, keepdims=True)
    w, xyz = blended_real[:, :1] / norm, blended_real[:, 1:] / norm
    dual_w, dual_xyz = blended_dual[:, :1] / norm, blended_dual[:, 1:] / norm
    shift = 2 * (w * dual_xyz - dual_w * xyz + np.cross(xyz, dual_xyz))
    return points + 2 * np.cross(xyz, np.cross(xyz, points) + w * points) + shift


def _quaternion_product(a: Float[np.ndarray, "n 4"], b: Float[np.ndarray, "n 4"]) -> Float[np.ndarray, "n 4"]:
    scalar = a[:, :1] * b[:, :1] - (a[:, 1:] * b[:, 1:]).sum(axis=1, keepdims=True)
    vector = a[:, :1] * b[:, 1:] + b[:, :1] * a[:, 1:] + np.cross(a[:, 1:], b[:, 1:])
    return np.concatenate([scalar, vector], axis=1)
