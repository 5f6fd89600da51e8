"""One person's landmarks in one frame: in a known region, in the box of a detection, or behind somebody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, UInt8

from tcmr.people.appearance import colours
from tcmr.people.boxes import around_person, overlap
from tcmr.people.erase import erased
from tcmr.people.meeting import same_body
from tcmr.people.motion import Reading, Sighting
from tcmr.people.sightings import LEAST_OVERLAP, LEAST_SCORE, boxes_of
from tcmr.types import Frame, Landmarks, Region

Array = np.ndarray


@runtime_checkable
class Landmarker(Protocol):
    """Whatever reads one person's landmarks in a region of a frame."""

    def __call__(self, rgb: UInt8[Array, "height width 3"], region: Region) -> Landmarks:
        """Return the landmarks of the person whom the region encloses."""
        ...

    def regions_around(
        self, rgb: UInt8[Array, "height width 3"], box_xyxy_px: Float[Array, "4"]
    ) -> Iterable[Region]:
        """Give where to look first for a person of whom a box is known, likeliest first."""
        ...


@dataclass(frozen=True)
class Reader:
    """Reads people's landmarks off frames."""

    landmarker: Landmarker

    def in_region(self, frame: Frame, region: Region) -> Reading:
        """Return the landmarks of the person whom a region encloses."""
        landmarks = self.landmarker(frame.rgb, region)
        height, width = frame.rgb.shape[:2]
        return Reading(
            frame.index,
            frame.time_s,
            around_person(landmarks.xy_px, width, height),
            landmarks,
            colours(frame.rgb, landmarks.xy_px),
        )

    def in_box(
        self,
        frame: Frame,
        sighting: Sighting,
        boxes_xyxy_px: Float[Array, "boxes 4"],
        others: Sequence[Reading],
    ) -> Reading | None:
        """Return the landmarks of the person in a box, if need be behind others; None where they are not to be had."""
        reading = self._in_box_as_seen(frame, sighting, boxes_xyxy_px)
        if reading and not same_body(reading, others):
            return reading
        front = [other for other in others if overlap(boxes_of([sighting]), boxes_of([other])).item() > 0]
        if not front:
            return None
        reading = self._in_box_as_seen(_without(frame, front), sighting, boxes_xyxy_px)
        return reading if reading and not same_body(reading, others) else None

    def behind(self, frame: Frame, region: Region, front: Reading) -> Reading | None:
        """Return the landmarks of the person in a region with whoever is in front painted over; None if unsure."""
        reading = self.in_region(_without(frame, [front]), region)
        return reading if reading.landmarks.score >= LEAST_SCORE else None

    def _in_box_as_seen(
        self, frame: Frame, sighting: Sighting, boxes_xyxy_px: Float[Array, "boxes 4"]
    ) -> Reading | None:
        """Return the landmarks of the person in a box; None where they are unsure or rather another box's."""
        for region in self.landmarker.regions_around(frame.rgb, sighting.whole_xyxy_px):
            first = self.in_region(frame, region)
            if first.landmarks.score < LEAST_SCORE:
                continue
            reading = self.in_region(frame, first.landmarks.next_region)
            overlaps = overlap(boxes_of([reading]), boxes_xyxy_px)[0]
            nearest = boxes_xyxy_px[overlaps.argmax()]
            is_its_own = overlaps.max() >= LEAST_OVERLAP and np.array_equal(nearest, sighting.box_xyxy_px)
            if is_its_own and reading.landmarks.score >= LEAST_SCORE:
                return reading
        return None


def _without(frame: Frame, front: Sequence[Reading]) -> Frame:
    """Return the frame with some persons painted over."""
    rgb = frame.rgb
    for reading in front:
        rgb = erased(rgb, reading.landmarks.xy_px)
    return replace(frame, rgb=rgb)
