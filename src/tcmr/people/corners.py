"""Corners of the background, found and followed from picture to picture."""

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Bool, Float, Float32, UInt8

Array = np.ndarray
Grey = UInt8[Array, "height width"]
Points = Float32[Array, "points 2"]
Box = Float[Array, "4"]

# Far apart, so that nothing that moves has most of them; faint ones too, so that no title has.
MOST_CORNERS, LEAST_QUALITY, APART_PX = 150, 1e-5, 24
MARGIN = 0.1  # of a person's box, around it
WINDOW_PX, HALVINGS = 15, 4  # of Lucas and Kanade
MOST_DISAGREEMENT_PX = 0.5  # of a corner that is followed there and back


def corners(grey: Grey, left_out: Sequence[Box]) -> Points:
    """Return corners of the picture outside some boxes."""
    background = np.full(grey.shape, 255, np.uint8)
    for box in left_out:
        left, top, right, bottom = np.maximum(box, 0).astype(int)
        background[top:bottom, left:right] = 0
    found = cv2.goodFeaturesToTrack(grey, MOST_CORNERS, LEAST_QUALITY, APART_PX, mask=background)
    return np.empty((0, 2), np.float32) if found is None else found[:, 0]


def followed(before: Grey, now: Grey, points: Points) -> tuple[Points, Bool[Array, " points"]]:
    """Return where points of a picture lie in the next, and which were found there.

    Source: Lucas and Kanade, "An iterative image registration technique", IJCAI 1981; Bouguet's pyramids.
    """
    if not len(points):
        return points, np.zeros(0, bool)
    there, found = _tracked(before, now, points)
    back, found_again = _tracked(now, before, there)
    return there, found & found_again & (np.linalg.norm(back - points, axis=1) < MOST_DISAGREEMENT_PX)


def _tracked(one: Grey, other: Grey, points: Points) -> tuple[Points, Bool[Array, " points"]]:
    window = WINDOW_PX, WINDOW_PX
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        one, other, points[:, None], np.empty(0, np.float32), winSize=window, maxLevel=HALVINGS
    )
    return found[:, 0], status[:, 0] > 0


def widened(box: Box) -> Box:
    """Return a person's box with a margin."""
    margin_px = MARGIN * (box[2:] - box[:2]).max()
    return box + margin_px * np.array([-1, -1, 1, 1])


def surroundings(point: Float32[Array, "2"]) -> Box:
    """Return the box around a corner in which there is no other."""
    return np.concatenate([point - APART_PX, point + APART_PX]).astype(np.float64)


def in_boxes(points: Points, boxes: Sequence[Box]) -> Bool[Array, " points"]:
    """Tell which points lie in any of the boxes."""
    inside = np.zeros(len(points), bool)
    for box in boxes:
        inside |= ((points > box[:2]) & (points < box[2:])).all(1)
    return inside
