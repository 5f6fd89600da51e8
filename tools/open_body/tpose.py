"""The rotations that take each person from the artists' A-pose to SMPL's T-pose."""

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation
from tools.open_body.sample import Samples
from tools.open_body.skeleton import JOINT, RIG

Vectors = Float[np.ndarray, "persons 3"]
Matrices = Float[np.ndarray, "persons 3 3"]


def tpose_rotations(
    samples: Samples, joints: Float[np.ndarray, "persons 24 3"]
) -> Float[np.ndarray, "persons 30 3 3"]:
    """Return the global rotation of each rig bone from A-pose to T-pose.

    Arms straight out, palms down; legs a little apart; feet turned out by 9 degrees, as in SMPL.
    """
    rotations = np.tile(np.eye(3), (len(joints), len(RIG), 1, 1))
    for side, suffix, sign in (("left", "L", 1), ("right", "R", -1)):

        def bone(start: str, end: str, side: str = side) -> Vectors:
            return joints[:, JOINT[f"{side}_{end}"]] - joints[:, JOINT[f"{side}_{start}"]]

        knuckles = samples.heads(f"finger2-1.{suffix}") - samples.heads(f"finger5-1.{suffix}")
        found = _arm(bone("shoulder", "elbow"), bone("elbow", "wrist"), bone("wrist", "hand"), knuckles, sign)
        found |= _leg(bone("hip", "knee"), bone("knee", "ankle"), bone("ankle", "foot"), sign)
        for name, matrices in found.items():
            rotations[:, RIG.index(f"{side}_{name}")] = matrices
    return rotations


def _arm(
    upper_arm: Vectors, forearm: Vectors, hand: Vectors, knuckles: Vectors, sign: int
) -> dict[str, Matrices]:
    """Raise the collar, swing each bone out without twist, spread the palm's turn over the forearm."""
    collar = np.broadcast_to(
        Rotation.from_euler("z", sign * 12, degrees=True).as_matrix(), (len(upper_arm), 3, 3)
    )
    shoulder = _swung(collar, upper_arm, (sign, -0.02, -0.03))
    elbow = _swung(shoulder, forearm, (sign, 0.0, 0.02))
    across_palm = np.einsum("nij,nj->ni", elbow, knuckles)
    palm_down = np.arctan2(across_palm[:, 1], across_palm[:, 2])

    def twisted(share: float) -> Matrices:
        return about_x(share * palm_down) @ elbow

    wrist = _swung(twisted(1.0), hand, (sign, -0.06, 0.04))
    return {
        "collar": collar,
        "shoulder": shoulder,
        "upper_arm": shoulder,
        "elbow": twisted(0.5),
        "forearm_1": twisted(0.35),
        "forearm_2": twisted(0.75),
        "wrist": wrist,
        "hand": wrist,
    }


def _leg(thigh: Vectors, shank: Vectors, foot: Vectors, sign: int) -> dict[str, Matrices]:
    upright = np.broadcast_to(np.eye(3), (len(thigh), 3, 3))
    hip = _swung(upright, thigh, (sign * 0.09, -1, 0))
    knee = _swung(hip, shank, (0, -1, -0.06))
    turn = sign * np.deg2rad(9) - np.arctan2(foot[:, 0], foot[:, 2])
    ankle = Rotation.from_rotvec(np.outer(turn, [0, 1, 0])).as_matrix()
    return {"hip": hip, "knee": knee, "ankle": ankle, "foot": ankle}


def about_x(angles: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n 3 3"]:
    """Return rotations about x by the given angles in radians."""
    return Rotation.from_rotvec(np.outer(angles, [1, 0, 0])).as_matrix()


def _swung(before: Matrices, bones: Vectors, direction: tuple[float, float, float]) -> Matrices:
    """Add to `before` the shortest turn that points the bones in `direction`."""
    start = np.einsum("nij,nj->ni", before, bones)
    goal = np.broadcast_to(np.array(direction, float) / np.linalg.norm(direction), start.shape)
    axis = np.cross(start, goal)
    sine = np.linalg.norm(axis, axis=1, keepdims=True)
    cosine = (start * goal).sum(axis=1, keepdims=True)
    swing = Rotation.from_rotvec(axis / np.maximum(sine, 1e-12) * np.arctan2(sine, cosine)).as_matrix()
    return swing @ before
