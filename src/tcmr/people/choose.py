"""Which person detector there is to be had."""

from tcmr.assets import fetch
from tcmr.errors import TcmrError
from tcmr.people.detect import BlazePoseDetector, Detector, MoveNetDetector


def available_detector() -> tuple[Detector, tuple[str, ...]]:
    """Return MoveNet, or BlazePose's own detector where MoveNet cannot be had, and warnings to pass on."""
    try:
        return MoveNetDetector(fetch("movenet")), ()
    except TcmrError as error:
        warning = f"MoveNet cannot be had, so only one person is found in each frame: {error}"
        return BlazePoseDetector(), (warning,)
