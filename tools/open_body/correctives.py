"""Pose blend shapes: what plain skinning with 24 joints lacks against the artists' rig with its twist bones.

The teacher skins the A-pose (where the artists painted the weights) half linearly, half by dual quaternions:
the one loses volume, the other bulges. Each vertex's corrections are linear in the rotations of nearby joints.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.spatial.transform import Rotation
from tools.open_body.skeleton import JOINT, RIG
from tools.open_body.skinning import bone_shifts, chain_positions, skin_dual_quaternion, skin_linear
from tools.open_body.tpose import about_x

from tcmr.joints import SMPL_PARENTS

_RIDGE = 2.0
_LARGEST_M = 0.15


@dataclass(frozen=True)
class Teacher:
    """The artists' rig at rest in the A-pose, and its bones' rotations to the T-pose."""

    vertices_m: Float[np.ndarray, "vertices 3"]
    joints_m: Float[np.ndarray, "24 3"]
    weights: Float[np.ndarray, "vertices 30"]
    to_tpose: Float[np.ndarray, "30 3 3"]


@dataclass(frozen=True)
class Student:
    """The 24-joint body at rest in the T-pose."""

    vertices_m: Float[np.ndarray, "vertices 3"]
    joints_m: Float[np.ndarray, "24 3"]
    weights: Float[np.ndarray, "vertices 24"]


@dataclass(frozen=True)
class Correction:
    """The displacement of one pose, before skinning, that makes the student's vertices the teacher's.

    `blended` are the student's skinning matrices, to take a displacement to the posed body.
    """

    displacement_m: Float[np.ndarray, "vertices 3"]
    blended: Float[np.ndarray, "vertices 3 3"]

    def posed_error_m(self, predicted: Float[np.ndarray, "vertices 3"]) -> Float[np.ndarray, " vertices"]:
        """Return how far a predicted displacement leaves each vertex from the teacher's."""
        error = np.einsum("vij,vj->vi", self.blended, self.displacement_m - predicted)
        return np.linalg.norm(error, axis=1)


def corrections(
    teacher: Teacher,
    student: Student,
    local: Float[np.ndarray, "poses 24 3 3"],
    chained: Float[np.ndarray, "poses 24 3 3"],
) -> Iterator[Correction]:
    """Compare teacher and student pose by pose."""
    count = len(chained)
    placed = chain_positions(chained, np.tile(student.joints_m, (count, 1, 1)))
    rig = _rig_rotations(local, chained) @ teacher.to_tpose
    rig_shifts = bone_shifts(rig, np.tile(teacher.joints_m, (count, 1, 1)), placed)
    shifts = bone_shifts(chained, np.tile(student.joints_m, (count, 1, 1)), placed)
    for pose in range(count):
        bones = (teacher.vertices_m, teacher.weights, rig[pose], rig_shifts[pose])
        wanted = (skin_linear(*bones) + skin_dual_quaternion(*bones)) / 2
        plain = skin_linear(student.vertices_m, student.weights, chained[pose], shifts[pose])
        blended = (student.weights @ chained[pose].reshape(24, 9)).reshape(-1, 3, 3)
        displacement = np.linalg.solve(blended + 1e-9 * np.eye(3), (wanted - plain)[..., None])[..., 0]
        yield Correction(np.clip(displacement, -_LARGEST_M, _LARGEST_M), blended)


def _rig_rotations(
    local: Float[np.ndarray, "poses 24 3 3"], chained: Float[np.ndarray, "poses 24 3 3"]
) -> Float[np.ndarray, "poses 30 3 3"]:
    """Add the twist bones, which take part of the twist (about x) of the joint that they lead to or from."""
    rig = np.concatenate([chained, np.zeros((len(chained), len(RIG) - 24, 3, 3))], axis=1)
    for side in ("left", "right"):
        shoulder, elbow, wrist = (JOINT[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
        for bone, joint, twisting, share in (
            ("upper_arm", shoulder, shoulder, -0.5),
            ("forearm_1", elbow, elbow, -0.5),
            ("forearm_2", elbow, wrist, 0.6),
        ):
            twist = about_x(share * _twist_x(local[:, twisting]))
            rig[:, RIG.index(f"{side}_{bone}")] = chained[:, joint] @ twist
    return rig


def _twist_x(rotations: Float[np.ndarray, "poses 3 3"]) -> Float[np.ndarray, " poses"]:
    quaternions = Rotation.from_matrix(rotations).as_quat()
    angles = 2 * np.arctan2(quaternions[:, 0], quaternions[:, 3])
    return (angles + np.pi) % (2 * np.pi) - np.pi


def pose_features(local: Float[np.ndarray, "poses 24 3 3"]) -> Float[np.ndarray, "poses 207"]:
    """Return SMPL's pose features: the entries of R - I of all joints but the pelvis."""
    return (local[:, 1:] - np.eye(3)).reshape(len(local), 207)


def fit_pose_dirs(
    features: Float[np.ndarray, "poses 207"],
    displacements: Float[np.ndarray, "poses vertices 3"],
    weights: Float[np.ndarray, "vertices 24"],
) -> Float[np.ndarray, "vertices 3 207"]:
    """Fit each vertex's displacements to the rotations of the joints near it, by ridge regression."""
    targets = displacements.reshape(len(displacements), -1)
    gram, moments = features.T @ features, features.T @ targets
    pose_dirs = np.zeros((displacements.shape[1], 3, 207))
    near = _joints_near(weights)
    for pattern in np.unique(near, axis=0):
        vertices = np.flatnonzero((near == pattern).all(axis=1))
        used = np.flatnonzero(np.repeat(pattern[1:], 9))
        columns = (vertices[:, None] * 3 + np.arange(3)).ravel()
        fitted = np.linalg.solve(
            gram[np.ix_(used, used)] + _RIDGE * np.eye(len(used)), moments[np.ix_(used, columns)]
        )
        pose_dirs.reshape(-1, 207)[np.ix_(columns, used)] = fitted.T
    return pose_dirs


def _joints_near(weights: Float[np.ndarray, "vertices 24"]) -> Bool[np.ndarray, "vertices 24"]:
    """Tell the joints that move a vertex, and their parents and children."""
    linked = np.eye(24)
    for joint, parent in enumerate(SMPL_PARENTS[1:], start=1):
        linked[joint, parent] = linked[parent, joint] = 1
    return (weights > 0.01).astype(float) @ linked > 0
