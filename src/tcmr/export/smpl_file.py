"""Meshcapade's .smpl: a compressed .npz under the names of its codec; y up.

Source: the format that the `smplcodec` package (version 2) reads.
"""

from pathlib import Path

import numpy as np
import torch

from tcmr.export.animation import Animation
from tcmr.rotations import axis_angle_from_rotmat

CODEC_VERSION, SMPL_VERSION, GENDER_NEUTRAL = 2, 0, 0


def write_smpl(animations: list[Animation], path: Path) -> None:
    """Write one person of one shape."""
    (animation,) = animations
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            codecVersion=np.int64(CODEC_VERSION),
            smplVersion=np.int64(SMPL_VERSION),
            gender=np.int64(GENDER_NEUTRAL),
            shapeParameters=animation.betas[0],
            frameCount=np.int64(len(animation)),
            frameRate=np.float64(animation.fps),
            bodyTranslation=animation.pelvis_m - animation.rest_joints_m[0],
            bodyPose=axis_angle_from_rotmat(torch.from_numpy(animation.rotmat)).numpy(),
        )
