"""How a person moves from one picture to the next, seen in the pictures themselves.

Landmarks are read anew in every picture, and tremble. How the picture at a landmark has moved is known far more
exactly, though it tells only about two pictures. It is measured twice, from the earlier picture's landmark on and from
the later one's back. Where the two disagree, neither is to be believed: that is the case where something came before
the limb, where it is blurred, or where a landmark lies beside it.
"""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from tcmr.types import Flow

Array = np.ndarray
Picture = UInt8[Array, "height width 3"]
Points = Float32[Array, "33 2"]

# The person is looked at in a square of so many pixels, so much larger than the landmarks.
SIDE_PX, MARGIN = 256, 1.25
SMALLEST_PX = 20.0
# Lucas and Kanade's window, and how often the picture is halved.
WINDOW_PX, HALVINGS = 11, 3
# How unsure a flow is, in pixels of the square: at least, for each pixel of disagreement, and of its length.
STEADY_PX, DISAGREEING, MOVING = 0.4, 1.0, 0.1
MOST_DISAGREEMENT_PX = 3.0


def landmark_flow(before: Picture, now: Picture, before_px: Points, now_px: Points) -> Flow:
    """Measure how the picture moved at each of a person's landmarks.

    `before_px` and `now_px` are the landmarks in the two pictures, in pixels of both.
    Source: Lucas and Kanade, "An iterative image registration technique", IJCAI 1981; Bouguet's pyramids.
    """
    both = np.concatenate([before_px, now_px])
    lowest, highest = both.min(0), both.max(0)
    size = max(MARGIN * float((highest - lowest).max()), SMALLEST_PX)
    corner = (lowest + highest - size) / 2
    per_px = SIDE_PX / size
    earlier, later = (_square(rgb, corner, per_px) for rgb in (before, now))
    onward, came = _tracked(earlier, later, (before_px - corner) * per_px)
    back, left = _tracked(later, earlier, (now_px - corner) * per_px)
    flow = (onward - back) / 2
    disagreement = np.linalg.norm(onward + back, axis=1)
    unsure = STEADY_PX + DISAGREEING * disagreement + MOVING * np.linalg.norm(flow, axis=1)
    known = came & left & (disagreement < MOST_DISAGREEMENT_PX)
    return Flow(
        px=np.where(known[:, None], flow / per_px, 0).astype(np.float32),
        certainty=np.where(known, per_px / unsure, 0).astype(np.float32),
    )


def _square(rgb: Picture, corner: Float32[Array, "2"], per_px: float) -> UInt8[Array, "side side"]:
    """Return a square of a picture in grey, `per_px` of its pixels to one of the picture's."""
    to_square = np.array([[per_px, 0, -per_px * corner[0]], [0, per_px, -per_px * corner[1]]])
    return np.asarray(
        cv2.cvtColor(cv2.warpAffine(rgb, to_square, (SIDE_PX, SIDE_PX)), cv2.COLOR_RGB2GRAY), np.uint8
    )


def _tracked(
    one: UInt8[Array, "side side"], other: UInt8[Array, "side side"], points: Points
) -> tuple[Float32[Array, "33 2"], np.ndarray]:
    """Return how far points of one picture have moved in another, and whether they were found there."""
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        one,
        other,
        points[:, None],
        np.empty(0, np.float32),
        winSize=(WINDOW_PX, WINDOW_PX),
        maxLevel=HALVINGS,
    )
    return found[:, 0] - points, status[:, 0] > 0
