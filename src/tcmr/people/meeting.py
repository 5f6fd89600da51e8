"""Two persons in one place: who hides whom, and who is who when they part."""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Float, Float32

from tcmr.people.appearance import difference
from tcmr.people.boxes import distance
from tcmr.people.motion import Reading, expected_box
from tcmr.people.person import Hiding, Person

Array = np.ndarray
FrameReadings = dict[Person, Reading]
ReadBehind = Callable[[Person, Reading], Reading | None]

# Mean distance of the landmarks of two readings of one body, in body lengths. On real clips, readings that have
# run together are within 0.08, those of two persons side by side beyond 0.25.
SAME_BODY = 0.12
# How long before their readings fall together two persons were surely apart, and how far from the way that a
# person then went a reading may be and still be of the same person (as `boxes.distance`).
APART_FRAMES = 8
OWN_WAY = 0.15
# How much being white instead of black counts, in body lengths.
COLOURS_COUNT = 3.0


def same_body(reading: Reading, others: Iterable[Reading]) -> bool:
    """Tell whether a reading lies on the same body as any of the others."""
    return any(_gap(reading.landmarks.xy_px, other.landmarks.xy_px) < SAME_BODY for other in others)


def _gap(points_px: Float32[Array, "33 2"], others_px: Float32[Array, "33 2"]) -> float:
    length_px = max(np.ptp(points_px, axis=0).max(), np.ptp(others_px, axis=0).max())
    return float(np.linalg.norm(points_px - others_px, axis=1).mean() / length_px)


def hide_doubles(readings: FrameReadings, read_behind: ReadBehind = lambda person, front: None) -> None:
    """Where two persons' readings lie on one body, read the person who should be elsewhere behind the other.

    `read_behind` does that, given who is hidden and the reading in front. Who cannot be read so is taken out.
    """
    for pair in combinations(list(readings), 2):
        if not all(person in readings for person in pair):
            continue
        one, other = (readings[person] for person in pair)
        if same_body(one, [other]):
            met = one.frame_index
            front, hidden = sorted(
                pair, key=lambda person: (_surprise(person, readings[person], met), person.id)
            )
            behind = read_behind(hidden, readings[front])
            others = [reading for person, reading in readings.items() if person is not hidden]
            if behind and not same_body(behind, others):
                readings[hidden] = behind
                continue
            hidden.hide(Hiding(front, met))
            _take_back_astray(hidden, met)
            del readings[hidden]


def untangle(hidden: Person, readings: FrameReadings) -> None:
    """Exchange a person who is found again with the one in front, if that fits better what they were before.

    While they were in one place, the readings may have gone to either.
    """
    if hidden.hiding is None or hidden.hiding.front not in readings:
        return
    front, met = hidden.hiding.front, hidden.hiding.frame_index
    found, followed = readings[hidden], readings[front]
    as_is = _surprise(hidden, found, met) + _surprise(front, followed, met)
    exchanged = _surprise(hidden, followed, met) + _surprise(front, found, met)
    if exchanged < as_is:
        hidden.readings.extend(front.take_since(met))
        _take_back_astray(front, met)
        hidden.sighting, front.sighting = front.sighting, hidden.sighting
        readings[hidden], readings[front] = followed, found


def expected_boxes(person: Person, frame_index: int) -> list[Float[Array, "4"]]:
    """Return where a person may be by now.

    That is where the latest readings lead, or where the person was last detected, should the readings have gone
    astray. Somebody hidden may also be where the one in front should be.
    """
    boxes = [expected_box(person.readings or [person.last], frame_index), person.sighting.box_xyxy_px]
    if person.hiding:
        before = person.hiding.front.readings_before(person.hiding.frame_index - APART_FRAMES)
        boxes += [expected_box(before, frame_index)] if before else []
    return boxes


def _surprise(person: Person, reading: Reading, met: int) -> float:
    """Return how little a reading fits a person as before a meeting: the way and the clothes."""
    before = person.readings_before(met - APART_FRAMES)
    if not before:
        return np.inf
    usual = np.median([each.colours for each in before], axis=0)
    return _off_way(before, reading) + COLOURS_COUNT * difference(usual, reading.colours)


def _off_way(before: Sequence[Reading], reading: Reading) -> float:
    """Return how far a reading is from where a person should be, going on as before."""
    return distance(expected_box(before, reading.frame_index), reading.box_xyxy_px)


def _take_back_astray(person: Person, met: int) -> None:
    """Remove the last readings before a meeting as far as they are not on the person's own way."""
    before = person.readings_before(met - APART_FRAMES)
    while person.readings and person.readings[-1].frame_index >= met - APART_FRAMES:
        if before and _off_way(before, person.readings[-1]) <= OWN_WAY:
            break
        person.readings.cut(len(person.readings) - 1)
