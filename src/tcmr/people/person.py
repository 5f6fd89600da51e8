"""What is remembered of one person: every reading of the landmarks, and how the person moves."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float

from tcmr.people.boxes import distance
from tcmr.types import Landmarks, Region

Array = np.ndarray

# Places from which a velocity is taken, and for how many frames it is believed to last.
VELOCITY_PLACES = 10
COASTING_FRAMES = 15
# When two persons' readings lie on one body: how many frames back each was surely itself, and how far from
# the way it then went a reading may be and still count as its own.
MEMORY_FRAMES = 8
OWN_WAY = 0.15


@dataclass(frozen=True, eq=False)
class Place:
    """Where a person was: the box of a detection."""

    frame_index: int
    time_s: float
    box_xyxy_px: Float[Array, "4"]


@dataclass(frozen=True, eq=False)
class Reading(Place):
    """Where a person was by the landmarks; the box is around those of them that are in the picture."""

    landmarks: Landmarks


@dataclass(eq=False)
class Person:
    """A person through the clip, as far as the tracker has come.

    `sighting` is the last detection of the person, `sightings` their count. `region` is where to look in the
    next frame, None while the person is not followed. `missed` counts the latest frames in a row without a
    reading. `hidden_by` is the person who stood in front when this one was last lost.
    """

    id: int
    first_frame: int
    sighting: Place
    sightings: int = 1
    region: Region | None = None
    missed: int = 0
    hidden_by: "Person | None" = None
    readings: list[Reading] = field(default_factory=list)

    def see(self, sighting: Place) -> None:
        """Note a detection."""
        self.sighting = sighting
        self.sightings += 1

    def record(self, reading: Reading) -> None:
        """Add a reading, and follow the person from there."""
        self.region = reading.landmarks.next_region
        self.missed, self.hidden_by = 0, None
        self.readings.append(replace(reading, landmarks=replace(reading.landmarks, pooled=None)))

    def miss(self, patience: int) -> None:
        """Note a frame without a reading: after more than `patience` of them the person is lost."""
        self.missed += 1
        if self.missed > patience:
            self.region = None

    def hide(self, frame_index: int, front: "Person") -> None:
        """Lose the person behind another, and take back the latest readings if they had gone astray."""
        self.region, self.hidden_by = None, front
        while self.readings and self.readings[-1].frame_index >= frame_index - MEMORY_FRAMES:
            if self.surprise(self.readings[-1]) <= OWN_WAY:
                break
            self.readings.pop()

    @property
    def last(self) -> Place:
        """Where the person was last."""
        return max([self.sighting, *self.readings[-1:]], key=lambda place: place.frame_index)

    def expected_box(self, frame_index: int) -> Float[Array, "4"]:
        """Return where the person should be in a frame, going on as lately."""
        return _moved_on(self.readings or [self.last], frame_index)

    def surprise(self, reading: Reading) -> float:
        """Return how far a reading is from where the person of some frames earlier should be by now."""
        remembered = reading.frame_index - MEMORY_FRAMES
        count = bisect_right(self.readings, remembered, key=lambda earlier: earlier.frame_index)
        if count == 0:
            return np.inf
        expected_px = _moved_on(self.readings[max(count - VELOCITY_PLACES, 0) : count], reading.frame_index)
        return distance(expected_px, reading.box_xyxy_px)


def _moved_on(places: Sequence[Place], frame_index: int) -> Float[Array, "4"]:
    latest = places[-VELOCITY_PLACES:]
    box_xyxy_px = latest[-1].box_xyxy_px
    if len(latest) < VELOCITY_PLACES:
        return box_xyxy_px
    boxes = np.array([place.box_xyxy_px for place in latest])
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    velocity_px = np.polyfit([place.frame_index for place in latest], centers, 1)[0]
    return box_xyxy_px + np.tile(velocity_px * min(frame_index - latest[-1].frame_index, COASTING_FRAMES), 2)
