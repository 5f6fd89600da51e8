"""Sharpening landmarks by the heatmap that the network gives beside them."""

import math
from typing import no_type_check

import numpy as np
from jaxtyping import Float32

from tcmr.compiled import compiled

Array = np.ndarray

REACH = 3  # cells to each side: BlazePose's window of 7 x 7
LEAST_PEAK = 0.5  # a heatmap that is less sure than this is not heeded


def refine(
    points: Float32[Array, "points 2"], heatmaps: Float32[Array, "height width points"]
) -> Float32[Array, "points 2"]:
    """Return each point moved to the centroid of its heatmap nearby, where that has a clear peak.

    The heatmaps are logits. Points go from 0 to 1 across the picture. A point outside it stays.
    Source: MediaPipe's RefineLandmarksFromHeatmap.
    """
    refined = points.copy()
    _refine(refined, heatmaps)
    return refined


@no_type_check
@compiled()
def _refine(points, heatmaps):
    height, width, count = heatmaps.shape
    for index in range(count):
        column, row = int(points[index, 0] * width), int(points[index, 1] * height)
        if not (0 <= column < width and 0 <= row < height):
            continue
        peak = total = moment_x = moment_y = 0.0
        for y in range(max(0, row - REACH), min(height, row + REACH + 1)):
            for x in range(max(0, column - REACH), min(width, column + REACH + 1)):
                belief = 1 / (1 + math.exp(-heatmaps[y, x, index]))
                peak = max(peak, belief)
                total += belief
                moment_x += belief * x
                moment_y += belief * y
        if peak >= LEAST_PEAK:
            points[index, 0] = moment_x / total / width
            points[index, 1] = moment_y / total / height
