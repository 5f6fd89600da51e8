"""The pelvis' path: direction and distance smoothed apart, because a crop shows them unequally well."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int64
from scipy.sparse import csc_array, diags_array, eye_array
from scipy.sparse.linalg import spsolve

from tcmr.types import Motion
from tcmr.world.axes import path_of, steadied

Array = np.ndarray

# What passes by half. A crop shows where a person is to a pixel or two, as fast as the pose moves; how far
# away only by the person's size, which jitters by some percent, while nobody comes nearer and goes by turns.
DIRECTION_HZ, DISTANCE_HZ = 4.0, 0.7
OUTLIER = 2.5  # robust standard deviations from which on a frame counts for less
ROUNDS = 5
LEAST_HZ = 1e-4  # of the frame rate; float64 cannot solve for less
NEAREST_M = 0.01  # what is said to be nearer has no direction, and is taken to be so far ahead
AHEAD_M = np.array([0, 0, NEAREST_M])
# Of the mean of unit vectors, those of somebody who seems to jump behind the camera and back.
LEAST_DIRECTION = 0.1


def smooth_path(motion: Motion) -> Motion:
    """Return the motion with the pelvis' path smoothed within each unbroken stretch; no delay, no pose touched.

    Axes: those that the camera had in the first frame of the shot, however it turned since.

    Raises:
        TcmrError: the motion has no place in the camera frame.
    """
    motion = steadied(motion)
    place = path_of(motion).astype(np.float64)
    place[np.linalg.norm(place, axis=1) < NEAREST_M] = AHEAD_M
    distance = np.linalg.norm(place, axis=1, keepdims=True)
    direction = smoothed(place / distance, motion.frames, motion.fps, DIRECTION_HZ)
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), LEAST_DIRECTION)
    distance = np.exp(smoothed(np.log(distance), motion.frames, motion.fps, DISTANCE_HZ))
    return replace(motion, transl_m=(direction * distance).astype(np.float32))


def smoothed(
    values: Float[Array, "frames size"], frames: Int64[Array, " frames"], fps: float, half_gain_hz: float
) -> Float[Array, "frames size"]:
    """Smooth by least squares with a penalty on second differences; outliers count for less.

    Source: Eilers, "A perfect smoother", 2003; Huber's weights.
    """
    bends = differences(frames, 2)
    passes = np.clip(half_gain_hz / fps, LEAST_HZ, 0.5)
    penalty = (2 * np.sin(np.pi * passes)) ** -4 * bends.T @ bends
    weights = np.ones(len(values))
    for _ in range(ROUNDS):
        result = spsolve(csc_array(diags_array(weights) + penalty), weights[:, None] * values)
        result = result.reshape(values.shape)
        weights = huber_weights(np.linalg.norm(values - result, axis=1))
    return result


def huber_weights(residuals: Float[Array, " rows"]) -> Float[Array, " rows"]:
    """Return 1 for ordinary residuals, and less the farther one is beyond them."""
    spread = 1.4826 * np.median(np.abs(residuals)) if len(residuals) else 0
    limit = OUTLIER * spread + 1e-9
    return limit / np.maximum(np.abs(residuals), limit)


def differences(frames: Int64[Array, " frames"], order: int) -> csc_array:
    """Return the matrix of differences of the first or second order, within unbroken stretches only."""
    matrix = eye_array(len(frames), format="csr")
    for _ in range(order):
        matrix = matrix[1:] - matrix[:-1]
    unbroken = frames[order:] - frames[: len(frames) - order] == order
    return csc_array(matrix[unbroken])
