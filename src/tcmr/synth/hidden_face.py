"""Faces made unrecognisable, as published videos have them: blurred, in blocks, or covered."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Float32, UInt8

from tcmr.synth.background import spread

Array = np.ndarray

HIDDEN_CHANCE = 0.12
HEAD_RADIUS_M = 0.13


def hide_faces(
    frames: Sequence[UInt8[Array, "side side 3"]],
    centers_px: Float[Array, "frames 2"],
    radii_px: Float[Array, " frames"],
    rng: np.random.Generator,
) -> None:
    """Hide a disc in every frame, in place, all in the same way."""
    cells = int(rng.choice([1, 3, 5]))
    smooth = rng.random() < 0.7
    radii_px = radii_px * rng.uniform(0.8, 1.3)
    for rgb, center, radius in zip(frames, centers_px, radii_px, strict=True):
        side = len(rgb)
        left, top = np.clip(np.floor(center - radius), 0, side).astype(int).tolist()
        right, bottom = np.clip(np.ceil(center + radius), 0, side).astype(int).tolist()
        if right - left < 2 or bottom - top < 2:
            continue
        patch = rgb[top:bottom, left:right]
        cells_rgb = _means(patch, cells)
        hidden = (spread if smooth else _in_blocks)(cells_rgb, right - left, bottom - top)
        rows, columns = np.mgrid[top:bottom, left:right] + 0.5
        inside = (columns - center[0]) ** 2 + (rows - center[1]) ** 2 < radius**2
        patch[inside] = hidden[inside]


def _means(patch: UInt8[Array, "height width 3"], cells: int) -> Float32[Array, "rows columns 3"]:
    """Return the mean colours of a grid of cells."""
    rows, columns = (min(cells, length) for length in patch.shape[:2])
    bands = np.array_split(patch, rows, axis=0)
    means = [[cell.mean((0, 1)) for cell in np.array_split(band, columns, axis=1)] for band in bands]
    return np.array(means, np.float32)


def _in_blocks(
    values: Float32[Array, "rows columns 3"], width: int, height: int
) -> Float32[Array, "height width 3"]:
    rows = np.arange(height) * len(values) // height
    columns = np.arange(width) * values.shape[1] // width
    return values[rows[:, None], columns]
