"""Where an edited video cuts from one shot to the next: nobody is followed across a cut."""

from collections import deque

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8

Array = np.ndarray

SIDE_CELLS = 32  # of the small grey picture in which shots are compared
CELL_PX = 8  # of a picture, about so many columns and rows a cell are looked at
# How much two successive small pictures differ at a cut: one less their correlation. On real clips that is 0.56 to 1.25
# at cuts, 0.16 at most while a camera pans, 0.45 where a bus fills the picture from one frame to the next.
CUT = 0.5
BLACK = 16  # grey values up to this are the bars beside, above or below a picture of another shape
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
        self._latest: Float32[Array, "rows columns"] | None = None
        self._changes: deque[float] = deque(maxlen=BEFORE)

    def __call__(self, rgb: UInt8[Array, "height width 3"]) -> bool:
        """Take in the next picture; tell whether it begins another shot."""
        cells = _cells(rgb)
        shown = cells[_within_bars(cells)]
        if shown.size == 0 or shown.std() < FLAT:
            return False
        latest, self._latest = self._latest, cells
        if latest is None:
            return False
        change = _change(latest, cells)
        if change > max(CUT, SUDDEN * max(self._changes, default=0.0)):
            self._changes.clear()
            return True
        self._changes.append(change)
        return False


def _cells(rgb: UInt8[Array, "height width 3"]) -> Float32[Array, "rows columns"]:
    """Return a picture's mean grey values, cell by cell."""
    step = max(1, min(rgb.shape[:2]) // (SIDE_CELLS * CELL_PX))
    looked_at = np.ascontiguousarray(rgb[::step, ::step])
    small = cv2.resize(looked_at, (SIDE_CELLS, SIDE_CELLS), interpolation=cv2.INTER_AREA)
    return small.mean(-1, dtype=np.float32)


def _within_bars(brightest: Float32[Array, "rows columns"]) -> tuple[slice, slice]:
    """Return the rows and columns between black bars, without those that a bar reaches into."""
    lit = brightest > BLACK
    return _span(np.any(lit, axis=1)), _span(np.any(lit, axis=0))


def _span(lit: Bool[Array, " lines"]) -> slice:
    if not lit.any():
        return slice(None)
    first, last = np.flatnonzero(lit)[[0, -1]]
    return slice(first + (first > 0), last + (last == len(lit) - 1))


def _change(before: Float32[Array, "rows columns"], after: Float32[Array, "rows columns"]) -> float:
    """Return one less the correlation of two pictures, within the bars that both have: those are alike in any two."""
    within = _within_bars(np.maximum(before, after))
    x, y = (cells[within].ravel() - cells[within].mean() for cells in (before, after))
    deviations = float(np.linalg.norm(x) * np.linalg.norm(y))
    return 1 - float(x @ y) / deviations if deviations > 0 else 0.0
