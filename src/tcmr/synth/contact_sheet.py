"""A sheet of small pictures by which rendered clips are looked over."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8

from tcmr.synth.background import resize
from tcmr.synth.clips import RenderedClip
from tcmr.types import Region

Array = np.ndarray

PICTURES_A_CLIP = 4
CLIPS_A_ROW = 2
SMALL_PX = 200
SEEN_RGB, UNSURE_RGB, REGION_RGB = (60, 255, 60), (255, 60, 60), (255, 230, 0)


def contact_sheet(clips: Sequence[RenderedClip]) -> UInt8[Array, "height width 3"]:
    """Show some pictures of each clip with the landmarks (red: unsure) and the region they were read in."""
    strips = [np.concatenate(_pictures(clip), axis=1) for clip in clips]
    strips += [np.zeros_like(strips[0])] * (-len(strips) % CLIPS_A_ROW)
    rows = [
        np.concatenate(strips[first : first + CLIPS_A_ROW], 1) for first in range(0, len(strips), CLIPS_A_ROW)
    ]
    return np.concatenate(rows)


def _pictures(clip: RenderedClip) -> list[UInt8[Array, "small small 3"]]:
    shown = np.linspace(0, len(clip.frames) - 1, PICTURES_A_CLIP).round().astype(int)
    pictures = []
    for frame in shown:
        rgb, landmarks = clip.frames[frame].copy(), clip.landmarks[frame]
        _dots(rgb, _outline(landmarks.region), REGION_RGB, 0)
        sure = landmarks.visibility > 0.5
        _dots(rgb, landmarks.xy_px[~sure], UNSURE_RGB, 1)
        _dots(rgb, landmarks.xy_px[sure], SEEN_RGB, 1)
        pictures.append(resize(rgb, SMALL_PX, SMALL_PX))
    return pictures


def _outline(region: Region) -> Float[Array, "points 2"]:
    """Return points along a region's sides."""
    along = np.linspace(-0.5, 0.5, 100)
    edge = np.full_like(along, 0.5)
    square = np.concatenate(
        [np.stack(side, -1) for side in ((along, edge), (along, -edge), (edge, along), (-edge, along))]
    )
    cos, sin = np.cos(region.rotation_rad), np.sin(region.rotation_rad)
    return np.asarray(region.center_xy_px) + region.size_px * square @ np.array([[cos, sin], [-sin, cos]])


def _dots(
    rgb: UInt8[Array, "height width 3"],
    points_px: Float[Array, "points 2"],
    colour: tuple[int, int, int],
    reach: int,
) -> None:
    """Paint small squares, in place; those out of the picture are left out."""
    for x, y in np.floor(points_px).astype(int):
        rgb[max(y - reach, 0) : max(y + reach + 1, 0), max(x - reach, 0) : max(x + reach + 1, 0)] = colour
