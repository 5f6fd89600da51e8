"""Where the landmark network looks: rotated squares of the frame, and the way in and out of them."""

import math

import numpy as np
from jaxtyping import Float

from tcmr.types import Region

Array = np.ndarray

# The square is this much larger than what it is drawn around, as BlazePose was trained with.
MARGIN = 1.25


def region_from_points(center: Float[Array, "2"], rim: Float[Array, "2"], scale: float = MARGIN) -> Region:
    """Return the region of a person from the middle of the hips and a point of the circle around the person.

    Both are pixels of the frame. The region is turned so that `rim` lies straight above `center`.
    """
    right, down = float(rim[0] - center[0]), float(rim[1] - center[1])
    return Region(
        center_xy_px=(float(center[0]), float(center[1])),
        size_px=2 * scale * math.hypot(right, down),
        rotation_rad=math.atan2(right, -down),
    )


def region_around_box(box_xyxy_px: Float[Array, "4"], scale: float = MARGIN) -> Region:
    """Return the upright region around a box in pixels of the frame."""
    left, top, right, bottom = (float(edge) for edge in box_xyxy_px)
    return Region(
        center_xy_px=((left + right) / 2, (top + bottom) / 2),
        size_px=scale * max(right - left, bottom - top),
        rotation_rad=0.0,
    )


def region_axes(region: Region) -> Float[Array, "2 2"]:
    """Return the rotation that turns region directions into frame directions."""
    cos, sin = math.cos(region.rotation_rad), math.sin(region.rotation_rad)
    return np.array([[cos, -sin], [sin, cos]])


def to_frame(region: Region, points: Float[Array, "*points 2"]) -> Float[Array, "*points 2"]:
    """Map points of the region, from (0, 0) at its upper left to (1, 1), to pixels of the frame."""
    return (points - 0.5) * region.size_px @ region_axes(region).T + np.asarray(region.center_xy_px)


def to_region(region: Region, points_px: Float[Array, "*points 2"]) -> Float[Array, "*points 2"]:
    """Map pixels of the frame to points of the region; the inverse of `to_frame`."""
    return (points_px - np.asarray(region.center_xy_px)) @ region_axes(region) / region.size_px + 0.5
