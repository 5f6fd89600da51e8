"""Whom a detection shows: somebody who is followed, somebody who was lost, or somebody new."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float

from tcmr.people.boxes import distance, overlap
from tcmr.people.match import pairs
from tcmr.people.meeting import FrameReadings, expected_boxes
from tcmr.people.motion import Sighting, Whereabouts
from tcmr.people.person import Person

Array = np.ndarray

LEAST_SCORE = 0.5  # of a reading that is believed by itself
SURE_OVERLAP = 0.5  # with the last detection, of a reading that is believed for that
LEAST_OVERLAP = 0.25  # of a reading with a detection of the same person
REACH = 0.7  # how far from the expected place a person may be found again, as `boxes.distance`


def confirm(readings: FrameReadings, sightings: Sequence[Sighting]) -> list[Sighting]:
    """Note which persons are where detections are, and return the detections of nobody."""
    if not readings or not sightings:
        return list(sightings)
    overlaps = overlap(boxes_of(readings.values()), boxes_of(sightings))
    sure = np.array([reading.landmarks.score >= LEAST_SCORE for reading in readings.values()])
    needed = np.where(sure, LEAST_OVERLAP, SURE_OVERLAP)[:, None]
    persons = list(readings)
    unclaimed = list(sightings)
    for row, column in pairs(np.where(overlaps >= needed, 1 - overlaps, np.inf), most_cost=1.0):
        persons[row].see(sightings[column])
        unclaimed.remove(sightings[column])
    return unclaimed


def reunions(persons: Sequence[Person], sightings: Sequence[Sighting]) -> list[tuple[Person, Sighting]]:
    """Pair persons with the detections that lie where they should be by now."""
    if not persons or not sightings:
        return []
    costs = np.array([[_detour(person, sighting) for sighting in sightings] for person in persons])
    return [(persons[row], sightings[column]) for row, column in pairs(costs, REACH)]


def _detour(person: Person, sighting: Whereabouts) -> float:
    expected = expected_boxes(person, sighting.frame_index)
    return min(distance(box, sighting.box_xyxy_px) for box in expected)


def boxes_of(places: Iterable[Whereabouts]) -> Float[Array, "boxes 4"]:
    """Return the boxes of places, row by row."""
    return np.array([place.box_xyxy_px for place in places])
