"""Which person detector there is to be had."""

import numpy as np
from jaxtyping import UInt8

from tcmr.assets import fetch
from tcmr.errors import TcmrError
from tcmr.people.detect import BlazePoseDetector, Detector, MoveNetDetector
from tcmr.types import Detections


class SecondLook:
    """A detector with another that looks where it finds nobody.

    MoveNet wants a face and legs; BlazePose's own detector also finds a single person of whom only a part is seen.
    """

    def __init__(self, first: Detector, second: Detector):
        self._first, self._second = first, second

    def __call__(self, rgb: UInt8[np.ndarray, "height width 3"]) -> Detections:
        """Return the persons whom the first detector finds, or else the second; most certain first."""
        found = self._first(rgb)
        return found if len(found.scores) else self._second(rgb)


def available_detector() -> tuple[Detector, tuple[str, ...]]:
    """Return MoveNet with BlazePose's own detector behind it, or that alone, and warnings to pass on."""
    try:
        return SecondLook(MoveNetDetector(fetch("movenet")), BlazePoseDetector()), ()
    except TcmrError as error:
        warning = f"MoveNet cannot be had, so only one person is found in each frame: {error}"
        return BlazePoseDetector(), (warning,)
