"""What stands around the persons of a rendered clip: the background that drifts by, and boxes before them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, UInt8

from tcmr.synth.background import SIDE_PX, paint_background
from tcmr.synth.camera_motion import CameraPath
from tcmr.synth.palette import any_colour

Array = np.ndarray

OCCLUDED_CHANCE = 0.25


@dataclass(frozen=True)
class Box:
    """Something that hides what is behind it: a rectangle of the first frame's picture, in its pixels."""

    left_top_px: Float[Array, "2"]
    size_px: Float[Array, "2"]
    rgb: Float32[Array, "3"]


@dataclass(frozen=True)
class Scenery:
    """A background larger than the picture, where in it the picture lies frame by frame, and boxes in front."""

    background: Float32[Array, "larger larger 3"]
    left_top_px: Float[Array, "frames 2"]
    boxes: tuple[Box, ...]
    side_px: int

    def behind(self, frame: float) -> Float32[Array, "side side 3"]:
        """Return a copy of the background that is seen at a frame, or between two."""
        left, top = self._view(frame)
        return self.background[top : top + self.side_px, left : left + self.side_px].copy()

    def cover(self, picture: Float32[Array, "side side 3"], frame: float) -> None:
        """Draw the boxes before all else; they drift with the background."""
        drift = self._view(frame) - self._view(0.0)
        for box in self.boxes:
            left, top = np.clip(box.left_top_px - drift, 0, None).astype(int)
            right, bottom = np.clip(box.left_top_px + box.size_px - drift, 0, None).astype(int)
            picture[top:bottom, left:right] = box.rgb

    def _view(self, frame: float) -> Array:
        before = int(frame)
        after, share = min(before + 1, len(self.left_top_px) - 1), frame - before
        return np.rint((1 - share) * self.left_top_px[before] + share * self.left_top_px[after]).astype(int)


def draw_scenery(
    camera: CameraPath, pictures: Sequence[UInt8[Array, "_ _ 3"]], rng: np.random.Generator
) -> Scenery:
    """Draw what a camera sees behind and before the persons."""
    room = SIDE_PX - camera.side_px
    start = rng.uniform(0.3, 0.7, 2) * room
    left_top = np.clip(start + camera.turn_px(background_m=rng.uniform(4, 25)), 0, room)
    count = int(rng.integers(1, 4)) if rng.random() < OCCLUDED_CHANCE else 0
    boxes = tuple(_draw_box(camera.side_px, rng) for _ in range(count))
    return Scenery(paint_background(pictures, rng), left_top, boxes, camera.side_px)


def _draw_box(side_px: int, rng: np.random.Generator) -> Box:
    size = np.exp(rng.uniform(np.log(0.06), np.log(0.35), 2)) * side_px
    if rng.random() < 0.2:  # a table or a wall along the bottom
        size = np.array([side_px, rng.uniform(0.1, 0.4) * side_px])
        return Box(np.array([0, side_px - size[1]]), size, any_colour(rng))
    return Box(rng.uniform(0.1, 0.9, 2) * side_px - size / 2, size, any_colour(rng))
