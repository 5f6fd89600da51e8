"""What is remembered of one person."""

from bisect import bisect_left
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float

from tcmr.people.motion import Reading, Whereabouts, expected_box, turn_rad, velocity_px
from tcmr.people.readings import Readings
from tcmr.types import Region

USUAL_READINGS = 30  # that tell how a person goes and what the person wears


@dataclass(frozen=True, eq=False)
class Hiding:
    """Behind whom a person was lost from sight, and in which frame."""

    front: "Person"
    frame_index: int


@dataclass(eq=False)
class Person:
    """A person through the clip, as far as the tracker has come.

    `sighting` is the last detection of the person, `sightings` their count. `region` is where to look in the
    next frame, None while the person is not followed. `missed` counts the latest frames in a row without a
    reading. `hiding` is set while the person is hidden by another.
    """

    id: int
    first_frame: int
    sighting: Whereabouts
    sightings: int = 1
    region: Region | None = None
    missed: int = 0
    hiding: Hiding | None = None
    readings: Readings = field(default_factory=Readings)

    @property
    def last(self) -> Whereabouts:
        """Where the person was last."""
        return max([self.sighting, *self.readings[-1:]], key=lambda place: place.frame_index)

    def see(self, sighting: Whereabouts) -> None:
        """Note a detection."""
        self.sighting = sighting
        self.sightings += 1

    def record(self, reading: Reading) -> None:
        """Add a reading, and follow the person from there."""
        self.region = reading.landmarks.next_region
        self.missed, self.hiding = 0, None
        self.readings.append(reading)

    def miss(self, patience: int) -> None:
        """Note a frame without a reading: look on where the person went, or after `patience` such frames no more.

        Who turned over, as in a cartwheel, is looked for turned on.
        """
        self.missed += 1
        if self.region is None or self.missed > patience:
            self.region = None
            return
        right, down = velocity_px(self.readings)
        x, y = self.region.center_xy_px
        self.region = replace(
            self.region,
            center_xy_px=(x + float(right), y + float(down)),
            rotation_rad=self.region.rotation_rad + turn_rad(self.readings),
        )

    def hide(self, hiding: Hiding) -> None:
        """Lose the person behind another."""
        self.region, self.hiding = None, hiding

    def readings_before(self, frame_index: int) -> list[Reading]:
        """Return the last `USUAL_READINGS` before a frame."""
        count = self._count_before(frame_index)
        return self.readings[max(0, count - USUAL_READINGS) : count]

    def reading_in(self, frame_index: int) -> Reading | None:
        """Return the reading in a frame."""
        row = self._count_before(frame_index)
        if row == len(self.readings) or self.readings[row].frame_index != frame_index:
            return None
        return self.readings[row]

    def box_since_sighting(self, frame_index: int) -> Float[np.ndarray, "4"]:
        """Return where the person should be by the last detection and the way until then.

        Later readings may have gone over to somebody in front.
        """
        until = self.readings_before(self.sighting.frame_index)
        return expected_box([*until, self.sighting], frame_index)

    def take_since(self, frame_index: int) -> list[Reading]:
        """Remove the readings from a frame on, and return them."""
        count = self._count_before(frame_index)
        taken = self.readings[count:]
        self.readings.cut(count)
        return taken

    def _count_before(self, frame_index: int) -> int:
        return bisect_left(self.readings, frame_index, key=lambda reading: reading.frame_index)
