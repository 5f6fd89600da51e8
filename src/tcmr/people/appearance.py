"""What a person wears: the colours by which two who met are told apart afterwards."""

from itertools import product

import numpy as np
from jaxtyping import Float, Float32, UInt8

from tcmr.joints import BLAZEPOSE_33, indices

Array = np.ndarray

# Where colours are taken, as shares of four landmarks each: within the trunk, along the thighs, along the shins.
CORNERS = indices(BLAZEPOSE_33, ["left_shoulder", "right_shoulder", "left_hip", "right_hip"])
THIGHS = indices(BLAZEPOSE_33, ["left_hip", "right_hip", "left_knee", "right_knee"])
SHINS = indices(BLAZEPOSE_33, ["left_knee", "right_knee", "left_ankle", "right_ankle"])
STEPS = (0.25, 0.5, 0.75)


def _shares(across: tuple[float, ...]) -> Float[Array, "points 4"]:
    """Return the shares of an upper pair (left, right) and a lower pair for points between them."""
    grid = product(STEPS, across)
    return np.array([[(1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u] for v, u in grid])


PARTS = ((CORNERS, _shares(STEPS)), (THIGHS, _shares((0.0, 1.0))), (SHINS, _shares((0.0, 1.0))))


def colours(rgb: UInt8[Array, "height width 3"], xy_px: Float32[Array, "33 2"]) -> Float[Array, "3 3"]:
    """Return the mean colour, 0 to 1, of a person's trunk, thighs and shins; NaN for what is out of the picture."""
    height, width = rgb.shape[:2]
    means = np.full((len(PARTS), 3), np.nan)
    for part, (corners, shares) in enumerate(PARTS):
        columns, rows = np.floor(shares @ xy_px[corners]).astype(np.int64).T
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        if inside.any():
            means[part] = rgb[rows[inside], columns[inside]].mean(0) / 255
    return means


def difference(some: Float[Array, "3 3"], others: Float[Array, "3 3"]) -> float:
    """Return how different two persons' colours are, 0 to 1: the mean over the parts that both show.

    >>> difference(np.zeros((3, 3)), np.ones((3, 3)))
    1.0
    """
    apart = np.linalg.norm(some - others, axis=-1) / np.sqrt(3)
    return 0.0 if np.isnan(apart).all() else float(np.nanmean(apart))
