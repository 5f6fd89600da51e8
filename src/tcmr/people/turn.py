"""The turn of a camera between two pictures, from where corners of the background lie in both."""

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from tcmr.camera import PinholeCamera
from tcmr.people.corners import Points

Array = np.ndarray
Rays = Float[Array, "points 3"]

ROUNDS, LEAST_SPREAD_PX, OUTLIER = 6, 0.3, 2.5  # of the robust fit; outliers in robust standard deviations


def turn_between(first_px: Points, now_px: Points, camera: PinholeCamera, likely: Rotation) -> Rotation:
    """Return the turn of the camera, from its axes now to those at first, by which most corners went.

    `likely` is where to begin. Source: Wahba's problem, weighted anew round by round with Tukey's biweight.
    """
    first, now = _rays(first_px, camera), _rays(now_px, camera)
    turn = likely
    for _ in range(ROUNDS):
        off_px = _off_px(first, now, camera, turn)
        limit_px = OUTLIER * max(1.4826 * float(np.median(off_px)), LEAST_SPREAD_PX)
        weights = np.maximum(1 - (off_px / (2 * limit_px)) ** 2, 0) ** 2
        turn, _ = Rotation.align_vectors(first, now, weights)
    return turn


def unexplained_px(
    first_px: Points, now_px: Points, camera: PinholeCamera, turn: Rotation
) -> Float[Array, " points"]:
    """Return how far each corner lies from where the turn alone would have brought it."""
    return _off_px(_rays(first_px, camera), _rays(now_px, camera), camera, turn)


def _off_px(first: Rays, now: Rays, camera: PinholeCamera, turn: Rotation) -> Float[Array, " points"]:
    return camera.focal_px * np.linalg.norm(turn.apply(now) - first, axis=1)


def _rays(points_px: Points, camera: PinholeCamera) -> Rays:
    """Return the directions in which points of the picture are seen."""
    rays = np.c_[(points_px - np.array(camera.center_xy_px)) / camera.focal_px, np.ones(len(points_px))]
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)
