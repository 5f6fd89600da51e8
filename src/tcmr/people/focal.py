"""The focal length that a camera tells by turning: with a wrong one, no turn explains how the picture's rim moved.

Source: Hartley, "Self-calibration from multiple views with a rotating camera", ECCV 1994.
"""

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.spatial.transform import Rotation

from tcmr.camera import PinholeCamera
from tcmr.people.corners import Points
from tcmr.people.turn import turn_between, unexplained_px

SHORTEST, LONGEST = 0.4, 4.0  # times the assumed focal length
# It is told where turns leave so little unexplained, and so much more with one that is so much longer or shorter.
MOST_UNEXPLAINED_PX, OTHER, WORSE = 1.0, 1.15, 1.15


def told_focal_px(pairs: Collection[tuple[Points, Points]], assumed: PinholeCamera) -> float | None:
    """Return the focal length with which turns explain best how corners went, in pixels; None where it is not told.

    `pairs` are places of the same corners in two pictures, far from each other.
    """
    if not pairs:
        return None

    def mean_px(log_focal: float) -> float:
        camera = replace(assumed, focal_px=math.exp(log_focal))
        return float(np.mean([_middle_unexplained_px(*pair, camera) for pair in pairs]))

    bounds = math.log(SHORTEST * assumed.focal_px), math.log(LONGEST * assumed.focal_px)
    found = minimize_scalar(mean_px, bounds=bounds, method="bounded", options={"xatol": 0.01})
    others_px = min(mean_px(found.x + step) for step in (-math.log(OTHER), math.log(OTHER)))
    is_told = found.fun < MOST_UNEXPLAINED_PX and others_px > WORSE * found.fun
    return math.exp(found.x) if is_told else None


def _middle_unexplained_px(first_px: Points, now_px: Points, camera: PinholeCamera) -> float:
    turn = turn_between(first_px, now_px, camera, Rotation.identity())
    return float(np.median(unexplained_px(first_px, now_px, camera, turn)))
