"""Finding the persons in a frame."""

from pathlib import Path
from typing import Protocol, runtime_checkable

import av
import numpy as np
from jaxtyping import Float, Float32, UInt8
from scipy.special import expit

from tcmr.assets.fetch import fetch
from tcmr.people.boxes import suppressed
from tcmr.people.crowd import look_closer
from tcmr.people.network import Network, read_model
from tcmr.types import Detections

Array = np.ndarray


@runtime_checkable
class Detector(Protocol):
    """Whatever finds persons in a frame."""

    def __call__(self, rgb: UInt8[Array, "height width 3"]) -> Detections:
        """Return the persons, most certain first."""
        ...


class MoveNetDetector:
    """MoveNet MultiPose Lightning: the boxes of up to six persons, of more by looking closer.

    Source: https://www.tensorflow.org/hub/tutorials/movenet.
    """

    LONG_SIDE_PX = 512
    STRIDE_PX = 32
    MOST_OVERLAP = 0.6
    MOST_PERSONS = 6
    FAINT = 0.1  # score; without a crowd, the sixth has 0.02 at most on real clips, in a crowd 0.17 or more
    OUTPUT_SHAPES = ((1, MOST_PERSONS, 56),)
    BOX, SCORE = slice(51, 55), 55  # of a person's 56 values; before them 17 key points

    def __init__(self, path: Path | None = None, *, least_score: float = 0.25, num_threads: int = 1):
        """Open the model at `path`, or fetch it; persons below `least_score` are left out.

        Raises:
            TcmrError: the file is missing, damaged or another model.
        """
        content = read_model(path or fetch("movenet"), self.OUTPUT_SHAPES)
        self._network = Network(content, num_threads)
        self._least_score = least_score

    def __call__(self, rgb: UInt8[Array, "height width 3"]) -> Detections:
        """Return the persons, most certain first."""
        boxes, scores = look_closer(self._glance, rgb, self.FAINT, self.LONG_SIDE_PX)
        likely = scores >= self._least_score
        return _distinct(boxes[likely], scores[likely], self.MOST_OVERLAP)

    def _glance(self, rgb: UInt8[Array, "height width 3"]) -> tuple[Float[Array, "6 4"], Float[Array, "6"]]:
        """Return the boxes and scores of the six places that look most like persons."""
        height, width = rgb.shape[:2]
        scale = self.LONG_SIDE_PX / max(height, width)
        small = resized(rgb, round(height * scale), round(width * scale))
        padding = [(0, -length % self.STRIDE_PX) for length in small.shape[:2]]
        picture = np.pad(small, [*padding, (0, 0)])
        (persons,) = self._network(picture)
        side_px = np.array([picture.shape[1], picture.shape[0]] * 2) / scale
        top_left_bottom_right = persons[:, self.BOX]
        return top_left_bottom_right[:, [1, 0, 3, 2]] * side_px, persons[:, self.SCORE]


class BlazePoseDetector:
    """BlazePose's own person detector: of the nearest one or two, all of the person, also where a part is seen.

    It gives the circle around a person and which way is up in it; the box holds a body half as broad as the circle.
    Source: Bazarevsky et al., BlazePose, 2020, arXiv 2006.10204.
    """

    SIDE_PX = 224
    MOST_OVERLAP = 0.3
    OUTPUT_SHAPES = ((1, 2254, 12), (1, 2254, 1))
    CENTER, RIM = slice(4, 6), slice(6, 8)  # of an anchor's 12 values, offsets in pixels
    BREADTH = 0.5

    def __init__(self, path: Path | None = None, *, least_score: float = 0.5, num_threads: int = 1):
        """Open the model at `path`, or fetch it; persons below `least_score` are left out.

        Raises:
            TcmrError: the file is missing, damaged or another model.
        """
        self._network = Network(
            read_model(path or fetch("blazepose-detector"), self.OUTPUT_SHAPES), num_threads
        )
        self._least_score = least_score

    def __call__(self, rgb: UInt8[Array, "height width 3"]) -> Detections:
        """Return the persons, most certain first."""
        centers, rims, scores = self.circles(rgb)
        upward = rims - centers
        half_sides = np.abs(upward) + np.abs(upward[:, ::-1]) * self.BREADTH
        boxes = np.concatenate([centers - half_sides, centers + half_sides], axis=1)
        return _distinct(boxes, scores, self.MOST_OVERLAP)

    def circles(
        self, rgb: UInt8[Array, "height width 3"]
    ) -> tuple[Float[Array, "circles 2"], Float[Array, "circles 2"], Float[Array, " circles"]]:
        """Return circles around persons, some persons' more than once, with their scores.

        Of each circle the middle of the hips, and the point of it that is straight above them as the person stands.
        """
        height, width = rgb.shape[:2]
        scale = self.SIDE_PX / max(height, width)
        small = resized(rgb, round(height * scale), round(width * scale))
        above, before = (self.SIDE_PX - small.shape[0]) // 2, (self.SIDE_PX - small.shape[1]) // 2
        picture = np.zeros((self.SIDE_PX, self.SIDE_PX, 3), np.float32)
        picture[above : above + small.shape[0], before : before + small.shape[1]] = small
        readings, logits = self._network(picture / 127.5 - 1)
        scores = expit(logits[:, 0])
        likely = scores >= self._least_score
        offsets, anchors = readings[likely], self._anchors_px()[likely] - [before, above]
        centers, rims = ((offsets[:, point] + anchors) / scale for point in (self.CENTER, self.RIM))
        return centers, rims, scores[likely]

    @classmethod
    def _anchors_px(cls) -> Float32[Array, "2254 2"]:
        """Return the point of the picture to which each anchor's offsets add."""
        grids = []
        for stride, anchors_per_cell in ((8, 2), (16, 2), (32, 6)):
            centers = np.arange(stride / 2, cls.SIDE_PX, stride, dtype=np.float32)
            grid = np.stack(np.meshgrid(centers, centers), axis=-1).reshape(-1, 2)
            grids.append(grid.repeat(anchors_per_cell, axis=0))
        return np.concatenate(grids)


def resized(rgb: UInt8[Array, "_ _ 3"], height: int, width: int) -> UInt8[Array, "height width 3"]:
    """Return the picture at another size (at least one pixel), each pixel the mean of those it covers."""
    frame = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(rgb), format="rgb24")
    return frame.reformat(max(width, 1), max(height, 1), interpolation="AREA").to_ndarray()


def _distinct(
    boxes: Float[Array, "persons 4"], scores: Float[Array, " persons"], most_overlap: float
) -> Detections:
    kept = suppressed(boxes, scores, most_overlap)
    return Detections(boxes_xyxy_px=boxes[kept], scores=scores[kept])
