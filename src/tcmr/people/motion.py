"""Where a person was, and from there where the person should be."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from tcmr.types import Flow, Landmarks

Array = np.ndarray

# Places from which a velocity is taken, and for how many frames it is believed to last.
VELOCITY_PLACES = 15
COASTING_FRAMES = 25
# Readings from which it is taken how fast a person turns over, and how fast that is at least.
TURN_READINGS, LEAST_TURN_RADPS = 6, 2.0


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """Where a person was: the box of what can be seen in the picture."""

    frame_index: int
    time_s: float
    box_xyxy_px: Float[Array, "4"]


@dataclass(frozen=True, eq=False)
class Sighting(Whereabouts):
    """Where a person was detected; the whole person's box may reach beyond the picture."""

    whole_xyxy_px: Float[Array, "4"]


@dataclass(frozen=True, eq=False)
class Reading(Whereabouts):
    """Where a person was by the landmarks.

    `colours` are what the person wears (`appearance.colours`); `flow` is how the landmarks came to where they are.
    """

    landmarks: Landmarks
    colours: Float[Array, "3 3"]
    flow: Flow = field(default_factory=Flow.unknown)


def expected_box(places: Sequence[Whereabouts], frame_index: int) -> Float[Array, "4"]:
    """Return the box of the last of some places, moved on to a later frame at the latest velocity."""
    last = places[-1]
    frames = min(frame_index - last.frame_index, COASTING_FRAMES)
    return last.box_xyxy_px + np.tile(frames * velocity_px(places), 2)


def velocity_px(places: Sequence[Whereabouts]) -> Float[Array, "2"]:
    """Return how far the middle of a person moves a frame at the last of some places; nowhere if they are few."""
    latest = places[-VELOCITY_PLACES:]
    if len(latest) < VELOCITY_PLACES:
        return np.zeros(2)
    boxes = np.array([place.box_xyxy_px for place in latest])
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    return np.polyfit([place.frame_index for place in latest], centers, 1)[0]


def turn_rad(readings: Sequence[Reading]) -> float:
    """Return how far a person who turns over in the picture, as in a cartwheel, turns from one frame to the next.

    Nobody does whose latest readings are few, turn to and fro, or turn slowly.
    """
    latest = readings[-TURN_READINGS:]
    if len(latest) < TURN_READINGS:
        return 0.0
    headings = np.unwrap([reading.landmarks.next_region.rotation_rad for reading in latest])
    turns, frames = np.diff(headings), np.diff([reading.frame_index for reading in latest])
    goes_on = np.all(turns > 0) or np.all(turns < 0)
    least = LEAST_TURN_RADPS * (latest[-1].time_s - latest[0].time_s)
    turns_over = goes_on and abs(headings[-1] - headings[0]) >= least
    return float(np.median(turns / frames)) if turns_over else 0.0
