"""Which person detector there is to be had."""

import numpy as np
from jaxtyping import Float, UInt8

from tcmr.assets import fetch
from tcmr.errors import TcmrError
from tcmr.people.boxes import covered, overlap, within
from tcmr.people.detect import BlazePoseDetector, Detector, MoveNetDetector
from tcmr.types import Detections

Array = np.ndarray

# What two boxes share, of their union, if they are of one person; the most they share if they are of two.
ONE_PERSON, TWO_PERSONS = 0.5, 0.3
# So much of another box lies at most in the box of somebody whom only the second detector finds.
MOST_COVERED = 0.7


class TwoDetectors:
    """A detector of many, and one that knows where the rest is of a person of whom a part is seen.

    MoveNet wants a face and legs, and gives the box of what it sees. BlazePose's own detector finds the one or two who
    are nearest, also from the hips up, and gives the box of all of them.
    """

    def __init__(self, many: Detector, whole: Detector):
        self._many, self._whole = many, whole

    def __call__(self, rgb: UInt8[Array, "height width 3"]) -> Detections:
        """Return the persons whom the first detector finds, then those whom only the second does."""
        height, width = rgb.shape[:2]
        found, other = self._many(rgb), self._whole(rgb)
        if not len(found.scores):
            return other
        boxes = found.boxes_xyxy_px.astype(np.float64)
        whole = other.boxes_xyxy_px.astype(np.float64)
        seen, seen_whole = within(boxes, width, height), within(whole, width, height)
        shared = overlap(seen_whole, seen)
        is_new = (shared.max(1) <= TWO_PERSONS) & (covered(seen, seen_whole).max(0) <= MOST_COVERED)
        for index, nearest in enumerate(shared.argmax(1)):
            cut_off = _beyond(whole[index], seen_whole[index]) > _beyond(boxes[nearest], seen[nearest])
            if shared[index, nearest] >= ONE_PERSON and cut_off:
                boxes[nearest] = whole[index]
        return Detections(
            boxes_xyxy_px=np.concatenate([boxes, whole[is_new]]),
            scores=np.concatenate([found.scores, other.scores[is_new]]),
        )


def _beyond(box: Float[Array, "4"], seen: Float[Array, "4"]) -> float:
    """Return how far a box reaches out of the picture, if `seen` is what lies in it."""
    return float(np.abs(box - seen).max())


def available_detector() -> tuple[Detector, tuple[str, ...]]:
    """Return MoveNet with BlazePose's own detector beside it, or that alone, and warnings to pass on."""
    try:
        return TwoDetectors(MoveNetDetector(fetch("movenet")), BlazePoseDetector()), ()
    except TcmrError as error:
        warning = f"MoveNet cannot be had, so only one person is found in each frame: {error}"
        return BlazePoseDetector(), (warning,)
