"""Joint angles as biomechanists name them, from where the joints are."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float

from tcmr.body import BodyModel, PosedBody
from tcmr.body.own_body import own_body
from tcmr.export.axes import Y_UP_FROM_CAMERA, turned_root
from tcmr.types import Motion

Array = np.ndarray
Points = Float[Array, "frames 3"]
Angles = Float[Array, " frames"]

UP = np.array([0.0, 1.0, 0.0])
SIDED_POINTS = ("hip", "knee", "ankle", "heel", "big_toe", "shoulder", "elbow", "wrist")
POINTS = ("pelvis", "neck", *(f"{side}_{point}" for side in ("left", "right") for point in SIDED_POINTS))


def joint_angles_deg(motion: Motion, body: str | Path | BodyModel = "open") -> dict[str, Angles]:
    """Return the joint angles of each frame of a motion in degrees, by name (`left_knee_flexion`).

    All are angles between bones, not between anatomical planes of a marker set: a straight knee, a thigh in line with
    the pelvis, a foot at right angles to the shank and a hanging arm are 0.

    - knee and elbow flexion: how far the limb is from straight.
    - hip flexion: of the thigh in the pelvis' sagittal plane, forward positive; abduction: out of it, outward positive.
    - ankle dorsiflexion: of the line from heel to big toe against the shank, toes up positive.
    - shoulder elevation: of the upper arm from the trunk's line downwards, whichever way it is raised.
    - trunk lean: of the line from pelvis to neck from the vertical; its vertical is the picture's unless the motion
      was levelled (`tcmr.place`).

    Raises:
        TcmrError: the motion is of another body.
    """
    shaped = own_body([motion], body).to("cpu").with_shape(torch.from_numpy(motion.betas))
    rotmat = turned_root(Y_UP_FROM_CAMERA, motion.rotmat)
    return angles_of(shaped.with_pose(torch.from_numpy(rotmat)), rotmat[:, 0])


def angles_of(posed: PosedBody, pelvis_rotmat: Float[Array, "frames 3 3"]) -> dict[str, Angles]:
    """Return the angles of a posed body, y up."""
    places = np.moveaxis(posed.joints(POINTS).numpy(), 1, 0)
    return angles_between(dict(zip(POINTS, places, strict=True)), pelvis_rotmat)


def angles_between(
    points_m: Mapping[str, Points], pelvis_rotmat: Float[Array, "frames 3 3"]
) -> dict[str, Angles]:
    """Return the angles between the places of `POINTS` (y up), with the pelvis' rotation from T-pose."""
    trunk = points_m["neck"] - points_m["pelvis"]
    angles = {"trunk_lean": _between(trunk, np.broadcast_to(UP, trunk.shape))}
    for side, outward in (("left", 1), ("right", -1)):
        hip, knee, ankle, heel, toe, shoulder, elbow, wrist = (
            points_m[f"{side}_{point}"] for point in SIDED_POINTS
        )
        across, up, forward = np.moveaxis((knee - hip)[:, None] @ pelvis_rotmat, -1, 0)[:, :, 0]
        angles |= {
            f"{side}_hip_flexion": np.rad2deg(np.arctan2(forward, -up)),
            f"{side}_hip_abduction": outward * np.rad2deg(np.arctan2(across, np.hypot(up, forward))),
            f"{side}_knee_flexion": _between(knee - hip, ankle - knee),
            f"{side}_ankle_dorsiflexion": 90 - _between(toe - heel, knee - ankle),
            f"{side}_shoulder_elevation": _between(elbow - shoulder, -trunk),
            f"{side}_elbow_flexion": _between(elbow - shoulder, wrist - elbow),
        }
    return angles


def _between(one: Points, other: Points) -> Angles:
    """Return the angle between two directions, exact for small angles too."""
    sine = np.linalg.norm(np.cross(one, other), axis=1)
    return np.rad2deg(np.arctan2(sine, (one * other).sum(1)))
