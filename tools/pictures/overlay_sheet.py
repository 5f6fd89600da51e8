"""Frames of an overlay on one sheet."""

from pathlib import Path

import numpy as np

from tcmr.synth.jpeg import encode_jpeg
from tcmr.video.read import open_clip

SIDE_PX = 560
COLUMNS, ROWS = 2, 2


def write_sheet(overlay: Path, picture: Path) -> None:
    """Write frames of a video, evenly spaced, as one JPEG."""
    with open_clip(overlay, max_side=SIDE_PX) as clip:
        frames = [frame.rgb for frame in clip]
    shown = np.linspace(0, len(frames) - 1, COLUMNS * ROWS + 2).round().astype(int)[1:-1]
    height, width = (side // 2 * 2 for side in frames[0].shape[:2])
    cells = np.array([frames[index][:height, :width] for index in shown]).reshape(
        ROWS, COLUMNS, height, width, 3
    )
    picture.write_bytes(
        encode_jpeg(np.ascontiguousarray(np.concatenate(np.concatenate(cells, axis=1), axis=1)))
    )
