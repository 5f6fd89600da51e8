"""Where the feet are, and when they stand."""

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int64

from tcmr.body import BodyModel
from tcmr.types import Motion
from tcmr.world.axes import path_of

Array = np.ndarray

FOOT_POINTS = ("left_heel", "left_big_toe", "right_heel", "right_big_toe")
STANDING_SPEED_M_S = 0.5
STANDING_HEIGHT_M = 0.08
LEAST_STANDING_S = 0.1


def foot_points_m(motion: Motion, body: BodyModel) -> Float32[Array, "frames 4 3"]:
    """Return heels and big toes, on the skin, in the motion's axes."""
    shaped = body.with_shape(torch.from_numpy(motion.betas))
    posed = shaped.with_pose_at(torch.from_numpy(motion.rotmat), torch.from_numpy(path_of(motion)))
    return posed.joints(FOOT_POINTS).numpy()


def speeds_m_s(
    points_m: Float[Array, "frames points 3"], frames: Int64[Array, " frames"], fps: float
) -> Float[Array, "frames points"]:
    """Return how fast points move: the slower of the steps to the frame before and the frame after."""
    seconds = np.diff(frames)[:, None] / fps
    steps = np.linalg.norm(np.diff(points_m, axis=0), axis=-1) / seconds
    none = np.full((1, points_m.shape[1]), np.inf)
    return np.minimum(np.concatenate([none, steps]), np.concatenate([steps, none]))


def standing(
    points_m: Float[Array, "frames points 3"],
    heights_m: Float[Array, "frames points"],
    frames: Int64[Array, " frames"],
    fps: float,
) -> Bool[Array, "frames points"]:
    """Tell which points stand: slow and near the floor, for longer than a moment."""
    stands = (speeds_m_s(points_m, frames, fps) < STANDING_SPEED_M_S) & (
        np.abs(heights_m) < STANDING_HEIGHT_M
    )
    return longer_than(stands, round(LEAST_STANDING_S * fps))


def longer_than(stands: Bool[Array, "frames points"], least: int) -> Bool[Array, "frames points"]:
    """Drop what lasts for fewer frames."""
    kept = stands.copy()
    for column in kept.T:
        edges = np.flatnonzero(np.diff(np.concatenate([[False], column, [False]])))
        for first, end in edges.reshape(-1, 2):
            column[first:end] = end - first >= least
    return kept
