"""A picture without somebody: who stands behind can be read when the one in front is painted over."""

import numpy as np
from jaxtyping import Float32, UInt8
from scipy.spatial import ConvexHull, QhullError

Array = np.ndarray

# How far beyond the landmarks a body is painted over, in lengths of it.
MARGIN = 0.05


def erased(
    rgb: UInt8[Array, "height width 3"], xy_px: Float32[Array, "33 2"]
) -> UInt8[Array, "height width 3"]:
    """Return the picture with the hull of a person's landmarks painted over in its mean colour.

    Landmarks that span no area leave the picture as it is.
    """
    try:
        sides = ConvexHull(xy_px).equations
    except QhullError:
        return rgb
    margin_px = MARGIN * np.ptp(xy_px, axis=0).max()
    left, top = np.maximum(xy_px.min(0) - margin_px, 0).astype(int)
    right, bottom = np.maximum(xy_px.max(0) + margin_px + 1, 0).astype(int)
    painted = rgb.copy()
    part = painted[top:bottom, left:right]
    rows, columns = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
    beyond = [right_of * columns + below * rows + offset for right_of, below, offset in sides]
    part[np.max(beyond, axis=0) <= margin_px] = part.reshape(-1, 3).mean(0) if part.size else 0
    return painted
