"""From a decoded picture to the RGB array that is to be seen: upright, square pixels, working resolution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import av
import numpy as np
from av.buffer import Buffer
from av.video.reformatter import Interpolation, VideoReformatter
from jaxtyping import UInt8

Array = np.ndarray


@dataclass(frozen=True)
class Orientation:
    """How a stored picture must be turned to be seen: transposed first, then mirrored along x or y."""

    transposed: bool = False
    mirrored_x: bool = False
    mirrored_y: bool = False


def orientation(frame: av.VideoFrame) -> Orientation:
    """Read the frame's display matrix, to the nearest quarter turn.

    Its nine 16.16 fixed-point numbers a b u, c d v, x y w take stored (p, q) to seen (a p + c q, b p + d q).
    """
    side_data = cast(Mapping[str, Buffer], frame.side_data)
    matrix = side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return Orientation()
    a, b, _, c, d, *_ = np.frombuffer(bytes(matrix), np.int32).tolist()
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(False, a < 0, d < 0)
    return Orientation(True, c < 0, b < 0)


def seen_size(frame: av.VideoFrame, pixel_aspect: float = 1.0) -> tuple[int, int]:
    """Return width and height in pixels of the frame as it is to be seen."""
    width, height = max(1, round(frame.width * pixel_aspect)), frame.height
    return (height, width) if orientation(frame).transposed else (width, height)


class RgbConverter:
    """Turns decoded frames into RGB arrays of one size, scaling and converting in one pass."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> UInt8[Array, "height width 3"]:
        """Return the frame as it is to be seen."""
        turn = orientation(frame)
        width, height = self._size[::-1] if turn.transposed else self._size
        converted = self._reformatter.reformat(
            frame, width=width, height=height, format="rgb24", interpolation=Interpolation.AREA, threads=1
        )
        return _turned(converted.to_ndarray(), turn)


def _turned(rgb: UInt8[Array, "height width 3"], turn: Orientation) -> UInt8[Array, "rows columns 3"]:
    if turn == Orientation():
        return rgb
    view = rgb.swapaxes(0, 1) if turn.transposed else rgb
    view = view[:: -1 if turn.mirrored_y else 1, :: -1 if turn.mirrored_x else 1]
    turned = np.empty(view.shape, np.uint8)
    for channel in range(3):  # three times as fast as one copy of the transposed array
        turned[..., channel] = view[..., channel]
    return turned
