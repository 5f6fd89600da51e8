"""Each picture waits for the motion in it."""

import sys
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from tcmr.types import Frame, Motion


@dataclass(frozen=True)
class Moment:
    """A frame with the motions in it, each one frame long."""

    frame: Frame
    motions: list[Motion]


class Moments:
    """Gives each frame once its motion is there, `latency` frames later.

    What comes later still, because a person was out of sight, is in `late`.
    """

    def __init__(self, latency: int):
        self.late: list[Motion] = []
        self._latency = latency
        self._frames: deque[Frame] = deque()
        self._motions: dict[int, list[Motion]] = defaultdict(list)

    def push(self, frame: Frame, motions: Sequence[Motion]) -> list[Moment]:
        """Take in a frame and the motions that became known with it; return what is complete now."""
        self._frames.append(frame)
        self._note(motions)
        return [self._next() for _ in range(len(self._frames) - self._latency)]

    def finish(self, motions: Sequence[Motion]) -> list[Moment]:
        """Return the frames that are still waiting."""
        self._note(motions)
        return [self._next() for _ in range(len(self._frames))]

    def _note(self, motions: Sequence[Motion]) -> None:
        first = self._frames[0].index if self._frames else sys.maxsize
        self.late = [motion for motion in motions if motion.frames[0] < first]
        for motion in motions:
            if (index := int(motion.frames[0])) >= first:
                self._motions[index].append(motion)

    def _next(self) -> Moment:
        frame = self._frames.popleft()
        return Moment(frame, self._motions.pop(frame.index, []))
