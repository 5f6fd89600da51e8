"""Detection ahead of its turn: while people are followed up to a frame, the detector already looks at it."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import islice
from types import TracebackType

import numpy as np
from jaxtyping import UInt8

from tcmr.people.detect import Detector
from tcmr.people.track import Tracker
from tcmr.types import Detections, Frame
from tcmr.video.prefetch import AT_ONCE

Picture = UInt8[np.ndarray, "height width 3"]


class EarlyDetector:
    """A detector in a thread of its own, which may begin on a picture before it is asked for it.

    The thread enters `turn` for each picture, which may make it wait.
    """

    def __init__(self, detector: Detector, turn: AbstractContextManager[object] = AT_ONCE):
        self._detector, self._turn = detector, turn
        self._thread = ThreadPoolExecutor(1, "tcmr-detect")
        self._begun: tuple[Picture, Future[Detections]] | None = None

    def __enter__(self) -> "EarlyDetector":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, rgb: Picture) -> None:
        """Look at a picture in the background, unless it was begun last."""
        if self._begun is None or self._begun[0] is not rgb:
            self._begun = rgb, self._thread.submit(self._detected, rgb)

    def __call__(self, rgb: Picture) -> Detections:
        """Return the persons, most certain first."""
        self.begin(rgb)
        assert self._begun is not None
        (_, detections), self._begun = self._begun, None
        return detections.result()

    def _detected(self, rgb: Picture) -> Detections:
        with self._turn:
            return self._detector(rgb)


def follow(frames: Iterable[Frame], tracker: Tracker, detector: EarlyDetector, ahead: int) -> Iterator[Frame]:
    """Take a clip into a tracker with this detector, which may begin on a frame up to `ahead` frames early.

    Each frame is yielded once people are followed so far. The tracks are the same as without; so many pictures
    are held.
    """
    coming = iter(frames)
    waiting = deque(islice(coming, 1 + ahead))
    while waiting:
        frame = waiting.popleft()
        tracker.step(frame)
        waiting.extend(islice(coming, 1))
        if tracker.frames_to_detection <= min(ahead, len(waiting)):
            detector.begin(waiting[tracker.frames_to_detection - 1].rgb)
        yield frame
