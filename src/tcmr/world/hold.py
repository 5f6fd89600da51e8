"""Feet that stand are held still by moving the whole body; the pose is not touched."""

import numpy as np
from jaxtyping import Bool, Float, Int64
from scipy.sparse import block_diag, csc_array, diags_array, kron
from scipy.sparse.linalg import spsolve

from tcmr.world.path import differences, huber_weights

Array = np.ndarray

# How far each may be off. The path's errors last: a second of them counts as one.
SLIDE_M = 0.002  # a standing point, from frame to frame
FLOAT_M = 0.01  # a standing point, above or below the floor
SWAY_M_S2 = 10.0  # the correction's acceleration
DISTANCE, DIRECTION = 0.02, 0.002  # the path, relative to the distance: along the line of sight, across it
ERROR_LASTS_S = 1.0
ROUNDS = 4
Y = np.array([0.0, 1.0, 0.0])


def held_path(
    path_m: Float[Array, "frames 3"],
    sights: Float[Array, "frames 3"],
    feet_m: Float[Array, "frames points 3"],
    stands: Bool[Array, "frames points"],
    frames: Int64[Array, " frames"],
    fps: float,
) -> Float[Array, "frames 3"]:
    """Return the path nearest to `path_m` along which standing feet neither slide nor float.

    Axes: y down, the floor at y = 0. `sights` are the vectors from the camera, `feet_m` points that move along
    with the path. Least squares for the path's shift; steps of the feet that no movement of the whole body
    explains count for less.
    """
    steps, bends = differences(frames, 1), differences(frames, 2)
    slides_m = stepped(steps, feet_m)
    held = stands_through(stands, steps)
    floats_m = np.where(stands, feet_m[..., 1], 0).sum(1)
    known = (
        block_diag(_path_precision(sights, fps))
        + kron(bends.T @ bends * (fps**2 / SWAY_M_S2) ** 2, np.eye(3))
        + kron(diags_array(stands.sum(1) / FLOAT_M**2), np.outer(Y, Y))
    )
    to_floor = -np.outer(floats_m / FLOAT_M**2, Y)
    weights = held.astype(float)
    for _ in range(ROUNDS):
        still = kron(steps.T @ diags_array(weights.sum(1) / SLIDE_M**2) @ steps, np.eye(3))
        to_stand = -steps.T @ (weights[..., None] * slides_m).sum(1) / SLIDE_M**2
        shift_m = spsolve(csc_array(known + still), (to_floor + to_stand).reshape(-1)).reshape(path_m.shape)
        left_m = np.linalg.norm(slides_m + (steps @ shift_m)[:, None], axis=-1)
        weights[held] = huber_weights(left_m[held])
    return path_m + shift_m


def stepped(
    steps: csc_array, points_m: Float[Array, "frames points size"]
) -> Float[Array, "steps points size"]:
    """Return how points move from frame to frame, where frames follow one another."""
    return (steps @ points_m.reshape(len(points_m), -1)).reshape(-1, *points_m.shape[1:])


def stands_through(stands: Bool[Array, "frames points"], steps: csc_array) -> Bool[Array, "steps points"]:
    """Tell which points stand at both ends of such a step."""
    return (abs(steps) @ stands.astype(float)) == 2


def _path_precision(sights: Float[Array, "frames 3"], fps: float) -> list[Float[Array, "3 3"]]:
    """Return, for each frame, how well the path is known: poorly along the line of sight."""
    distances = np.linalg.norm(sights, axis=1)
    along = np.einsum("fi,fj->fij", sights, sights) / distances[:, None, None] ** 2
    lasting = 1 / (distances**2 * fps * ERROR_LASTS_S)
    precision = along / DISTANCE**2 + (np.eye(3) - along) / DIRECTION**2
    return list(precision * lasting[:, None, None])
