"""One body for a person: the same shape in every frame."""

from dataclasses import replace

import numpy as np
import torch

from tcmr.body import BodyModel
from tcmr.types import Motion


def with_one_shape(motion: Motion, body: BodyModel) -> Motion:
    """Return the motion of a body whose shape does not change: each coefficient's median over the frames.

    The joints are recomputed; pose and place stay as they are.
    """
    betas = np.median(motion.betas, 0).astype(np.float32)
    joints_m = body.with_shape(torch.from_numpy(betas)).with_pose(torch.from_numpy(motion.rotmat)).joints_m
    return replace(
        motion,
        betas=np.tile(betas, (len(motion), 1)),
        joints_m=(joints_m - joints_m[:, :1]).numpy(),
    )
