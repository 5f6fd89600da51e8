"""More persons than a detector finds in one look: where it sees as many as it can, it looks closer."""

from collections.abc import Callable
from itertools import product

import numpy as np
from jaxtyping import Float, UInt8

from tcmr.people.boxes import covered

Array = np.ndarray
Picture = UInt8[Array, "height width 3"]
Glance = Callable[[Picture], tuple[Float[Array, "persons 4"], Float[Array, " persons"]]]

# Of the picture's: quarters overlap, so that who is cut off in one may be whole in another.
QUARTER_SIDE = 0.6
CUT_OFF = 0.01  # of a quarter's side: a box that ends so near to an edge inside the picture is not whole
MOST_SHARED = 0.5  # of a box that is not whole, with a whole one, until it is taken for the same person


def look_closer(
    glance: Glance, rgb: Picture, faint: float, smallest_px: int
) -> tuple[Float[Array, "persons 4"], Float[Array, " persons"]]:
    """Return boxes in pixels and scores of what may be persons, some of them twice.

    Where all that `glance` gives scores `faint` or more, there may be more than it can give: then it looks at the
    four quarters of the picture too, and so on while the longer side has more than `smallest_px`.
    """
    boxes, scores = glance(rgb)
    size = np.array(rgb.shape[1::-1])
    if scores.min() < faint or size.max() <= smallest_px:
        return boxes, scores
    part = np.ceil(QUARTER_SIDE * size).astype(int)
    found = [(boxes, scores, np.ones(len(boxes), bool))]
    for corner in product(*zip((0, 0), size - part, strict=True)):
        left, top = corner
        quarter = rgb[top : top + part[1], left : left + part[0]]
        boxes, scores = look_closer(glance, quarter, faint, smallest_px)
        boxes = boxes + np.tile(corner, 2)
        found.append((boxes, scores, _are_whole(boxes, np.array(corner), part, size)))
    boxes, scores, whole = (np.concatenate(values) for values in zip(*found, strict=True))
    shared = covered(boxes, boxes[whole & (scores >= faint)]).max(axis=1, initial=0)
    kept = whole | (shared <= MOST_SHARED)
    return boxes[kept], scores[kept]


def _are_whole(boxes: Array, corner: Array, part: Array, size: Array) -> Array:
    """Tell which boxes do not end at an edge of their quarter that lies inside the picture."""
    near = CUT_OFF * part
    before = (boxes[:, :2] < corner + near) & (corner > 0)
    behind = (boxes[:, 2:] > corner + part - near) & (corner + part < size)
    return ~(before | behind).any(axis=1)
