"""Whether the body sits on the person in the picture."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float

from tcmr.camera import PinholeCamera
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, indices
from tcmr.types import Track

Array = np.ndarray

_LIMBS = indices(BLAZEPOSE_33, LIMBS_12)
_HIPS = indices(BLAZEPOSE_33, ("left_hip", "right_hip"))


def off_person_percent(
    joints_m: Float[Array, "frames 12 3"], camera: PinholeCamera, landmarks_px: Float[Array, "frames 33 2"]
) -> Float[Array, " frames"]:
    """Measure how far the projected limb joints lie from the landmarks, in % of the person's height there.

    `joints_m` is LIMBS_12 in camera coordinates. The height is the vertical extent of the 33 landmarks.
    Source: definition.
    """
    projected_px = camera.project(torch.tensor(joints_m)).numpy()
    distance_px = np.linalg.norm(projected_px - landmarks_px[:, _LIMBS], axis=-1).mean(-1)
    return 100 * distance_px / np.ptp(landmarks_px[..., 1], axis=-1)


def walking_woman(tracks: Sequence[Track]) -> Track:
    """Pick the walking woman out of the sample clip's tracks: who goes furthest to the left.

    Raises:
        ValueError: there is no track.
    """
    if not tracks:
        raise ValueError("no person was tracked in the sample clip")

    def to_the_left(track: Track) -> float:
        hips_x = track.xy_px[:, _HIPS, 0].mean(1)
        return float(hips_x[0] - hips_x[-1])

    return max(tracks, key=to_the_left)
