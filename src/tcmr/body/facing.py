"""Which way a body faces: its hips and shoulders, whatever limbs and head do."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from tcmr.joints import LIMBS_12, indices

Array = np.ndarray


def facing(
    joints_m: Float[Array, "*batch joints 3"], joint_set: Sequence[str] = LIMBS_12
) -> Float[Array, "*batch 3"]:
    """Return the direction that the torso faces, of any length: left x up."""

    def place(name: str) -> Array:
        return joints_m[..., indices(joint_set, name)[0], :]

    left = place("left_hip") - place("right_hip") + place("left_shoulder") - place("right_shoulder")
    up = place("left_shoulder") + place("right_shoulder") - place("left_hip") - place("right_hip")
    return np.cross(left, up)


def faces_away(
    seen_m: Float[Array, "*batch joints 3"],
    true_m: Float[Array, "*batch joints 3"],
    joint_set: Sequence[str] = LIMBS_12,
) -> Bool[Array, "*batch"]:
    """Tell where the body faces more than 90 degrees away from the true direction.

    Front and back look alike in a silhouette: there one was taken for the other.
    Source: definition.

    >>> names = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
    >>> front = np.array([[1.0, 0, 0], [-1, 0, 0], [1, 1, 0], [-1, 1, 0]])
    >>> faces_away(np.stack([front, front * [-1, 1, -1]]), np.stack([front, front]), names).tolist()
    [False, True]
    """
    return (facing(seen_m, joint_set) * facing(true_m, joint_set)).sum(-1) < 0
