"""What a method is given of one person, and what it has to say: the common ground of all protocols."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.model import BodyModel, PosedBody
from tcmr.camera import PinholeCamera
from tcmr.types import Motion, Track

Array = np.ndarray


@dataclass(frozen=True)
class Observation:
    """One person's track through a clip, and the camera that the run assumes."""

    track: Track
    camera: PinholeCamera
    fps: float


@dataclass(frozen=True)
class Prediction:
    """LIMBS_12 where BlazePose defines them, in the camera's axes, for every frame of the track.

    `placed` tells that they stand in camera coordinates, so that they can be projected; otherwise their
    origin means nothing. `betas` and `body` are None where a method knows no shape and has no vertices.
    """

    joints_m: Float[Array, "frames 12 3"]
    placed: bool = False
    betas: Float32[Array, "frames 10"] | None = None
    body: PosedBody | None = None


Method = Callable[[Observation], Prediction]


def body_prediction(motion: Motion, body: BodyModel) -> Prediction:
    """Take the twelve limb joints off a moving body, at BlazePose's definitions (see `body.landmarks`)."""
    shaped = body.with_shape(torch.from_numpy(motion.betas))
    placed = motion.transl_m is not None
    pelvis = torch.from_numpy(motion.transl_m) if motion.transl_m is not None else torch.zeros(len(motion), 3)
    posed = shaped.with_pose_at(torch.from_numpy(motion.rotmat), pelvis)
    return Prediction(LandmarkPoints.load().limbs_on(posed).numpy(), placed, motion.betas, posed)


def body_predictor(predict: Callable[[Observation], Motion], body: BodyModel) -> Method:
    """Turn a function that gives a motion of `body` into one that gives its limb joints."""
    return lambda observation: body_prediction(predict(observation), body)
