"""A street whose walkers are known: a detector and a landmarker that fail as the real ones do, without pictures.

A frame carries its own index in the first pixel; everything else follows from it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from people.a_reading import landmarks
from tcmr.joints import BLAZEPOSE_33, BLAZEPOSE_FACE_11, indices
from tcmr.people.boxes import overlap
from tcmr.types import Detections, Frame, Landmarks, Region

WIDTH, HEIGHT, FPS = 1280, 720, 30
# Within a body's box: hands and feet in the corners, the face in one point, all else in a column.
BODY = np.linspace([0.5, 0], [0.5, 1], len(BLAZEPOSE_33))
BODY[indices(BLAZEPOSE_33, BLAZEPOSE_FACE_11)] = 0.5, 0.1
BODY[indices(BLAZEPOSE_33, ["left_wrist", "right_wrist", "left_ankle", "right_ankle"])] = (
    (0, 0), (1, 0), (0, 1), (1, 1),
)  # fmt: skip


@dataclass(frozen=True)
class Walker:
    """Somebody who stands at `x_px(frame)` in the frames where `is_there(frame)`."""

    x_px: Callable[[int], float]
    height_px: float = 300
    is_there: Callable[[int], bool] = lambda frame: True
    is_detected: Callable[[int], bool] = lambda frame: True

    def box(self, frame: int) -> np.ndarray:
        x, half = self.x_px(frame), self.height_px / 6
        return np.array([x - half, 600 - self.height_px, x + half, 600])


class Street:
    """Walkers, those in front first."""

    def __init__(self, *walkers: Walker):
        self._walkers = walkers
        self.detections = 0

    def frames(self, count: int) -> Iterator[Frame]:
        for index in range(count):
            rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            rgb[0, 0, 0] = index
            yield Frame(index, index / FPS, rgb)

    def detect(self, rgb: np.ndarray) -> Detections:
        """Give everybody who is not mostly behind somebody else."""
        self.detections += 1
        boxes = [box for walker, box in self._seen(rgb, 0.6) if walker.is_detected(int(rgb[0, 0, 0]))]
        return Detections(np.array(boxes).reshape(-1, 4), np.full(len(boxes), 0.7))

    def __call__(self, rgb: np.ndarray, region: Region) -> Landmarks:
        """Read whoever is nearest to the middle of the region, of those who are not half behind somebody else."""
        boxes = [box for _, box in self._seen(rgb, 0.3)]
        gaps = [np.hypot(*((box[:2] + box[2:]) / 2 - region.center_xy_px)) for box in boxes]
        if not gaps or min(gaps) > region.size_px / 3:
            return self.landmarks(region, np.array([*region.center_xy_px] * 2), 0.1)
        return self.landmarks(region, boxes[int(np.argmin(gaps))], 0.99)

    def regions_around(self, rgb: np.ndarray, box: np.ndarray) -> list[Region]:
        return [around(box)]

    def landmarks(self, region: Region, box: np.ndarray, score: float) -> Landmarks:
        """Make the landmarks of a body that fills a box."""
        next_region = around(box) if score > 0.5 else region
        return landmarks(region, box[:2] + BODY * (box[2:] - box[:2]), score, next_region)

    def _seen(self, rgb: np.ndarray, most_covered: float) -> list[tuple[Walker, np.ndarray]]:
        frame = int(rgb[0, 0, 0])
        seen: list[tuple[Walker, np.ndarray]] = []
        for walker in self._walkers:
            box = walker.box(frame)
            covered = max((float(overlap(box[None], front[None])[0, 0]) for _, front in seen), default=0.0)
            if walker.is_there(frame) and covered <= most_covered:
                seen.append((walker, box))
        return seen


def around(box: np.ndarray) -> Region:
    center = (box[:2] + box[2:]) / 2
    return Region((float(center[0]), float(center[1])), 1.25 * float(box[3] - box[1]), 0.0)
