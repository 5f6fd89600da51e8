"""What any model has to beat: the landmark network by itself, a plain low-pass, and standing still."""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from tcmr.evaluate.metrics import root_relative
from tcmr.evaluate.prediction import Method, Observation, Prediction
from tcmr.joints import LIMBS_IN_BLAZEPOSE

GAUSSIAN_SIGMA_FRAMES = 2.0


def blazepose(observation: Observation) -> Prediction:
    """Take BlazePose's world landmarks as they are."""
    return Prediction(_world_limbs(observation))


def blazepose_smoothed(observation: Observation) -> Prediction:
    """Take BlazePose's world landmarks through a Gaussian in time."""
    joints = gaussian_filter1d(_world_limbs(observation), GAUSSIAN_SIGMA_FRAMES, axis=0, mode="nearest")
    return Prediction(joints)


def no_motion(observation: Observation) -> Prediction:
    """Hold BlazePose's mean pose: the acceleration error that says nothing about a method."""
    joints = _world_limbs(observation)
    return Prediction(np.repeat(joints.mean(0, keepdims=True), len(joints), axis=0))


BASELINES: dict[str, Method] = {
    "BlazePose": blazepose,
    f"BlazePose + Gaussian ({GAUSSIAN_SIGMA_FRAMES:g} frames)": blazepose_smoothed,
    "no motion": no_motion,
}


def _world_limbs(observation: Observation) -> Float[np.ndarray, "frames 12 3"]:
    return root_relative(observation.track.world_m[:, LIMBS_IN_BLAZEPOSE].astype(np.float64))
