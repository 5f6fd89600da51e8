"""Sampling a rotated square region out of a frame."""

import math
from typing import no_type_check

import numpy as np
from jaxtyping import Float32, UInt8

from tcmr.compiled import compiled
from tcmr.types import Region

Array = np.ndarray


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
@compiled(inline="always", nogil=True)
def _tap(position, length):
    """Return the two pixels about a position and their weights, which are zero outside the picture."""
    first = math.floor(position)
    share = np.float32(position - first)
    first_weight = np.float32(1) - share if 0 <= first < length else np.float32(0)
    second_weight = share if -1 <= first < length - 1 else np.float32(0)
    return min(max(first, 0), length - 1), min(max(first + 1, 0), length - 1), first_weight, second_weight


@no_type_check
@compiled(nogil=True)
def _sample(rgb, center_x, center_y, size, rotation, picture):
    """Sample row by row: where its pixels are, then all of them (they are far from the cache), then their blend."""
    height, width = rgb.shape[:2]
    side = picture.shape[0]
    step_x = math.cos(rotation) * size / side
    step_y = math.sin(rotation) * size / side
    places = np.empty((4, side), np.int64)
    weights = np.empty((4, side), np.float32)
    pixels = np.empty((4, side, 3), np.uint8)
    for row in range(side):
        for column in range(side):
            across, down = column - side / 2, row - side / 2
            x0, x1, left, right = _tap(center_x + step_x * across - step_y * down, width)
            y0, y1, upper, lower = _tap(center_y + step_y * across + step_x * down, height)
            places[0, column], places[1, column], places[2, column], places[3, column] = x0, x1, y0, y1
            weights[0, column], weights[1, column] = left, right
            weights[2, column], weights[3, column] = upper, lower
        for column in range(side):
            x0, x1, y0, y1 = places[0, column], places[1, column], places[2, column], places[3, column]
            for channel in range(3):
                pixels[0, column, channel] = rgb[y0, x0, channel]
                pixels[1, column, channel] = rgb[y0, x1, channel]
                pixels[2, column, channel] = rgb[y1, x0, channel]
                pixels[3, column, channel] = rgb[y1, x1, channel]
        for column in range(side):
            left, right = weights[0, column], weights[1, column]
            upper, lower = weights[2, column], weights[3, column]
            for channel in range(3):
                above = left * pixels[0, column, channel] + right * pixels[1, column, channel]
                below = left * pixels[2, column, channel] + right * pixels[3, column, channel]
                picture[row, column, channel] = (upper * above + lower * below) / np.float32(255)
