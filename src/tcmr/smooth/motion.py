"""A motion through a post-filter: rotations filtered, joints put back on the body."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from tcmr.body.model import BodyModel
from tcmr.body.own_body import own_body
from tcmr.errors import TcmrError
from tcmr.smooth.gaussian import Gaussian
from tcmr.smooth.one_euro import OneEuro
from tcmr.smooth.slerp import SlerpAverage
from tcmr.types import Motion

Smooth = Literal["none", "slerp", "one-euro", "gaussian"]


# Takes rotations of consecutive frames, [frames, ..., 3, 3], and the frames per second.
RotationFilter = Callable[[Tensor, float], Tensor]

FILTERS: dict[str, RotationFilter] = {
    "slerp": SlerpAverage(),
    "one-euro": OneEuro(),
    "gaussian": Gaussian(),
}


def smoothed(
    motion: Motion, smooth: str | RotationFilter = "gaussian", body: BodyModel | str | Path = "open"
) -> Motion:
    """Filter all 24 rotations of a motion in time and put its joints where they then are.

    `smooth` is a name, for the filter at its defaults, or a filter such as `tcmr.OneEuro(cutoff_hz=2.0)`. Nothing is
    filtered across a gap in the frames. Shape, camera, boxes and the pelvis' place stay as they are, so that the
    body stays on the person in the picture.

    Raises:
        TcmrError: there is no filter of that name, or the motion is of another body.
    """
    if smooth == "none":
        return motion
    if isinstance(smooth, str):
        if smooth not in FILTERS:
            raise TcmrError(f"there is no post-filter '{smooth}'; there are: none, {', '.join(FILTERS)}")
        smooth = FILTERS[smooth]
    body = own_body([motion], body)
    read = torch.from_numpy(motion.rotmat).double()
    filtered = [smooth(read[stretch], motion.fps) for stretch in motion.stretches()]
    rotmat = torch.cat(filtered).to(body.template_m)
    joints = body.with_shape(torch.from_numpy(motion.betas).to(rotmat)).with_pose(rotmat).joints_m

    def array(tensor: Tensor) -> np.ndarray:
        return tensor.float().cpu().numpy()

    return replace(motion, rotmat=array(rotmat), joints_m=array(joints - joints[:, :1]))
