"""Sampling a rotated square region out of a frame."""

import math
from typing import no_type_check

import numpy as np
from jaxtyping import Float32, UInt8
from numba import njit

from tcmr.types import Region

Array = np.ndarray

WHITE = np.float32(255)


def crop(
    rgb: UInt8[Array, "height width 3"], region: Region, side: int = 256
) -> Float32[Array, "side side 3"]:
    """Return the region as a `side` x `side` picture, values 0 to 1, black where it leaves the frame.

    Bilinear without a prefilter, which is how BlazePose's training crops were made. Crop pixel (column, row)
    shows the region's point (column / side, row / side).
    """
    picture = np.empty((side, side, 3), np.float32)
    _sample(rgb, *region.center_xy_px, region.size_px, region.rotation_rad, picture)
    return picture


@no_type_check
@njit(cache=True, inline="always", nogil=True)
def _tap(position, length):
    """Return the two pixels about a position and their weights, which are zero outside the picture."""
    first = math.floor(position)
    share = np.float32(position - first)
    first_weight = np.float32(1) - share if 0 <= first < length else np.float32(0)
    second_weight = share if -1 <= first < length - 1 else np.float32(0)
    return min(max(first, 0), length - 1), min(max(first + 1, 0), length - 1), first_weight, second_weight


@no_type_check
@njit(cache=True, nogil=True)
def _sample(rgb, center_x, center_y, size, rotation, picture):
    height, width = rgb.shape[:2]
    side = picture.shape[0]
    step_x = math.cos(rotation) * size / side
    step_y = math.sin(rotation) * size / side
    for row in range(side):
        for column in range(side):
            right, down = column - side / 2, row - side / 2
            x0, x1, left_weight, right_weight = _tap(center_x + step_x * right - step_y * down, width)
            y0, y1, upper_weight, lower_weight = _tap(center_y + step_y * right + step_x * down, height)
            for channel in range(3):
                upper = left_weight * rgb[y0, x0, channel] + right_weight * rgb[y0, x1, channel]
                lower = left_weight * rgb[y1, x0, channel] + right_weight * rgb[y1, x1, channel]
                picture[row, column, channel] = (upper_weight * upper + lower_weight * lower) / np.float32(
                    255
                )
