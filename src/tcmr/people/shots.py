"""Where an edited video cuts from one shot to the next: nobody is followed across a cut."""

from collections import deque

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

Array = np.ndarray

SIDE_CELLS = 32  # of the small grey picture in which shots are compared
CELL_PX = 8  # of a picture, about so many columns and rows a cell are looked at
# How much two successive small pictures differ at a cut: one less their correlation. On real clips that is 0.56 to 1.25
# at cuts, 0.16 at most while a camera pans, 0.45 where a bus fills the picture from one frame to the next.
CUT = 0.5
# A cut differs by so many times more than the frames before it did; a camera that is swung round does not. Of several,
# for frames may be there twice.
SUDDEN, BEFORE = 2.0, 4
FLAT = 2.0  # deviation of grey values (0 to 255) of a picture that shows nothing, as between two shots


class ShotCuts:
    """Tells, picture after picture, where another shot begins.

    Only sudden cuts are told. Pictures that show nothing are passed over: a shot that fades out ends where the next one
    can be seen, and one with a black frame in it goes on.
    """

    def __init__(self) -> None:
        self._latest: Float32[Array, " cells"] | None = None
        self._changes: deque[float] = deque(maxlen=BEFORE)

    def __call__(self, rgb: UInt8[Array, "height width 3"]) -> bool:
        """Take in the next picture; tell whether it begins another shot."""
        cells = _cells(rgb)
        if cells.std() < FLAT:
            return False
        latest, self._latest = self._latest, cells
        if latest is None:
            return False
        change = 1 - float(np.corrcoef(latest, cells)[0, 1])
        if change > max(CUT, SUDDEN * max(self._changes, default=0.0)):
            self._changes.clear()
            return True
        self._changes.append(change)
        return False


def _cells(rgb: UInt8[Array, "height width 3"]) -> Float32[Array, " cells"]:
    """Return a picture's mean grey values, cell by cell."""
    step = max(1, min(rgb.shape[:2]) // (SIDE_CELLS * CELL_PX))
    looked_at = np.ascontiguousarray(rgb[::step, ::step])
    small = cv2.resize(looked_at, (SIDE_CELLS, SIDE_CELLS), interpolation=cv2.INTER_AREA)
    return small.mean(-1, dtype=np.float32).ravel()
