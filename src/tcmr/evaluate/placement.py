"""Whether the body sits on the person in the picture."""

import numpy as np
import torch
from jaxtyping import Float

from tcmr.camera import PinholeCamera
from tcmr.joints import LIMBS_12, LIMBS_IN_BLAZEPOSE, mirrored

Array = np.ndarray


def off_person_percent(
    joints_m: Float[Array, "frames 12 3"], camera: PinholeCamera, landmarks_px: Float[Array, "frames 33 2"]
) -> Float[Array, " frames"]:
    """Measure how far the projected limb joints lie from the landmarks, in % of the person's height there.

    `joints_m` is LIMBS_12 in camera coordinates. The height is the vertical extent of the 33 landmarks. Where
    BlazePose takes back for front, left and right are exchanged: in each frame the nearer naming counts.
    Source: definition.
    """
    projected_px = camera.project(torch.tensor(joints_m)).numpy()
    limbs_px = landmarks_px[:, LIMBS_IN_BLAZEPOSE]
    readings_px = np.stack([limbs_px, limbs_px[:, mirrored(LIMBS_12)]])
    distance_px = np.linalg.norm(projected_px - readings_px, axis=-1).mean(-1).min(0)
    return 100 * distance_px / np.ptp(landmarks_px[..., 1], axis=-1)
