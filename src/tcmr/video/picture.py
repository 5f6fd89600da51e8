"""From a decoded picture to the RGB array to be seen: upright, square pixels, working resolution."""

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
class Turn:
    """How a stored picture must be turned to be seen: transposed first, then mirrored along x or y."""

    transposed: bool = False
    mirrored_x: bool = False
    mirrored_y: bool = False

    @staticmethod
    def by_angle(frame: av.VideoFrame) -> "Turn":
        """Read the angle of a frame, to the nearest quarter."""
        quarters_anticlockwise = round(frame.rotation / 90) % 4
        return (Turn(), Turn(True, False, True), Turn(False, True, True), Turn(True, True, False))[
            quarters_anticlockwise
        ]

    @staticmethod
    def by_matrix(frame: av.VideoFrame) -> "Turn":
        """Read the display matrix of a frame, which knows mirror images too.

        Its nine 16.16 fixed-point numbers a b u, c d v, x y w take stored (p, q) to seen (a p + c q, b p + d q).
        Ask once a clip: PyAV keeps a frame that was asked until the garbage collector comes by.
        """
        try:
            side_data = cast(Mapping[str, Buffer], frame.side_data)
        except ValueError:  # PyAV cannot list side data of a kind that is newer than itself
            return Turn.by_angle(frame)
        if "DISPLAYMATRIX" not in side_data:
            return Turn()
        a, b, _, c, d, *_ = np.frombuffer(bytes(side_data["DISPLAYMATRIX"]), np.int32).astype(float).tolist()
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return Turn(False, a < 0, d < 0)
        return Turn(True, c < 0, b < 0)


@dataclass(frozen=True)
class Picture:
    """A decoded picture as it is stored, how it must be turned, from when on and how long it is shown."""

    frame: av.VideoFrame
    turn: Turn
    time_s: float
    duration_s: float

    def seen_size(self, pixel_aspect: float = 1.0) -> tuple[int, int]:
        """Return width and height in pixels of the picture as it is to be seen."""
        width, height = max(1, round(self.frame.width * pixel_aspect)), self.frame.height
        return (height, width) if self.turn.transposed else (width, height)


class RgbConverter:
    """Turns pictures into RGB arrays of one size, scaling and converting in one pass."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._reformatter = VideoReformatter()

    def __call__(self, picture: Picture) -> UInt8[Array, "height width 3"]:
        """Return the picture as it is to be seen."""
        width, height = self._size[::-1] if picture.turn.transposed else self._size
        converted = self._reformatter.reformat(
            picture.frame,
            width=width,
            height=height,
            format="rgb24",
            interpolation=Interpolation.AREA,
            threads=1,
        )
        return _turned(converted.to_ndarray(), picture.turn)


def _turned(rgb: UInt8[Array, "height width 3"], turn: Turn) -> UInt8[Array, "rows columns 3"]:
    if turn == Turn():
        return rgb
    view = rgb.swapaxes(0, 1) if turn.transposed else rgb
    view = view[:: -1 if turn.mirrored_y else 1, :: -1 if turn.mirrored_x else 1]
    turned = np.empty(view.shape, np.uint8)
    for channel in range(3):  # three times as fast as one copy of the transposed array
        turned[..., channel] = view[..., channel]
    return turned
