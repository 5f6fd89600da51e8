"""Random poses within the range of human joints, to learn pose blend shapes from."""

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from tcmr.joints import SMPL_24, SMPL_PARENTS

# Axis-angle ranges (x, y, z; radians) of the left side; the right side mirrors them.
_RANGES = {
    "hip": ((-1.9, 0.5), (-0.5, 0.5), (-0.3, 0.9)),
    "knee": ((0, 2.3), (-0.1, 0.1), (-0.05, 0.05)),
    "ankle": ((-0.5, 0.6), (-0.2, 0.2), (-0.3, 0.3)),
    "foot": ((-0.4, 0.3), (0, 0), (0, 0)),
    "spine1": ((-0.2, 0.6), (-0.3, 0.3), (-0.25, 0.25)),
    "spine2": ((-0.2, 0.4), (-0.3, 0.3), (-0.2, 0.2)),
    "spine3": ((-0.15, 0.2), (-0.2, 0.2), (-0.15, 0.15)),
    "neck": ((-0.4, 0.5), (-0.5, 0.5), (-0.3, 0.3)),
    "head": ((-0.3, 0.4), (-0.5, 0.5), (-0.3, 0.3)),
    "collar": ((-0.1, 0.1), (-0.3, 0.2), (-0.35, 0.3)),
    "shoulder": ((-0.9, 0.9), (-1.4, 0.5), (-1.5, 0.7)),
    "elbow": ((-0.9, 0.9), (-2.4, 0.1), (-0.2, 0.2)),
    "wrist": ((-0.7, 0.7), (-0.4, 0.4), (-0.7, 0.7)),
    "hand": ((-0.1, 0.1), (-0.1, 0.1), (-0.5, 0.1)),
}
_CHANCE_TO_MOVE = 0.55


def random_poses(count: int, rng: np.random.Generator) -> Float[np.ndarray, "count 24 3 3"]:
    """Draw parent-relative rotations; the pelvis stays, each other joint moves in about half of the poses."""
    axis_angle = np.zeros((count, 24, 3))
    for joint, name in enumerate(SMPL_24[1:], start=1):
        low, high = np.array(_RANGES[name.split("_")[-1]]).T
        mirror = [1, -1, -1] if name.startswith("right") else [1, 1, 1]
        moves = rng.random((count, 1)) < _CHANCE_TO_MOVE
        axis_angle[:, joint] = rng.uniform(low, high, (count, 3)) * mirror * moves
    return Rotation.from_rotvec(axis_angle.reshape(-1, 3)).as_matrix().reshape(count, 24, 3, 3)


def poses_towards(
    global_rotations: Float[np.ndarray, "24 3 3"], count: int, rng: np.random.Generator
) -> Float[np.ndarray, "count 24 3 3"]:
    """Draw poses between 0.6 and 1.2 of the way from the T-pose to a given pose."""
    parents = np.array(SMPL_PARENTS[1:])
    local = global_rotations.copy()
    local[1:] = global_rotations[parents].transpose(0, 2, 1) @ global_rotations[1:]
    axis_angle = Rotation.from_matrix(local).as_rotvec() * rng.uniform(0.6, 1.2, (count, 1, 1))
    return Rotation.from_rotvec(axis_angle.reshape(-1, 3)).as_matrix().reshape(count, 24, 3, 3)


def to_global(rotations: Float[np.ndarray, "n 24 3 3"]) -> Float[np.ndarray, "n 24 3 3"]:
    """Chain parent-relative rotations from the root."""
    chained = rotations.copy()
    for joint, parent in enumerate(SMPL_PARENTS[1:], start=1):
        chained[:, joint] = chained[:, parent] @ rotations[:, joint]
    return chained
