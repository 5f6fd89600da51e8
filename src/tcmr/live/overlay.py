"""Bodies over pictures as they come: each picture waits for the motion in it."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

from tcmr.body import BodyModel
from tcmr.camera import PinholeCamera
from tcmr.types import Frame, Motion
from tcmr.view.overlay import draw_motions


class LiveOverlay:
    """Draws each frame once its motion is there, `latency` frames later. Motion that comes later is not drawn."""

    def __init__(self, body: BodyModel, camera: PinholeCamera, latency: int):
        self._body, self._camera, self._latency = body, camera, latency
        self._frames: deque[Frame] = deque()
        self._motions: dict[int, list[Motion]] = defaultdict(list)

    def push(self, frame: Frame, motions: Sequence[Motion]) -> Iterator[Frame]:
        """Take in a frame and the motions that became known with it; yield what can be shown now."""
        self._frames.append(frame)
        self._note(motions)
        while len(self._frames) > self._latency:
            yield self._drawn()

    def finish(self, motions: Sequence[Motion]) -> Iterator[Frame]:
        """Yield the frames that are still waiting."""
        self._note(motions)
        while self._frames:
            yield self._drawn()

    def _note(self, motions: Sequence[Motion]) -> None:
        first = self._frames[0].index if self._frames else 0
        for motion in motions:
            if (index := int(motion.frames[0])) >= first:
                self._motions[index].append(motion)

    def _drawn(self) -> Frame:
        frame = self._frames.popleft()
        motions = self._motions.pop(frame.index, [])
        return Frame(frame.index, frame.time_s, draw_motions(frame.rgb, motions, self._body, self._camera))
