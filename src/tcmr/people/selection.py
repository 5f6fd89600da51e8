"""Who of the persons seen is worth keeping, and why the others are not."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from tcmr.people.motion import Whereabouts
from tcmr.people.person import Person
from tcmr.types import Dropped


def select_persons(
    persons: Sequence[Person], min_frames: int, max_persons: int | None, detect_every: int
) -> tuple[list[Person], list[Dropped]]:
    """Return the persons to keep and those to drop, both in order.

    A person is kept who was read in `min_frames` frames and, where `detect_every` of them or more came after the first
    detection, detected more than once. Of more than `max_persons` of these, the most prominent stay: the largest
    over all their frames together.
    """
    flaws = {person: _flaw(person, min_frames, detect_every) for person in persons}
    sound = [person for person in persons if flaws[person] is None]
    by_prominence = sorted(
        sound, key=lambda person: prominence(person.readings.column("box_xyxy_px")), reverse=True
    )
    kept = by_prominence[:max_persons]
    surplus = f"less prominent than the {max_persons} persons asked for"
    dropped = [_dropped(person, flaws[person] or surplus) for person in persons if person not in kept]
    return [person for person in persons if person in kept], dropped


def prominence(boxes_xyxy_px: Float[np.ndarray, "frames 4"]) -> float:
    """Return how much of a video is a person's, given the boxes: their larger sides, added up."""
    return float((boxes_xyxy_px[:, 2:] - boxes_xyxy_px[:, :2]).max(axis=1).sum())


def _flaw(person: Person, min_frames: int, detect_every: int) -> str | None:
    count = len(person.readings)
    if count == 0:
        return "detected, but the landmarks could not be read"
    if count < min_frames:
        behind = f", hidden by person {person.hiding.front.id}" if person.hiding else ""
        return f"seen in {count} frames, fewer than {min_frames}{behind}"
    if person.sightings < 2 and _frames_after(person.sighting, person) >= detect_every:
        return "detected only once in all its frames: hardly a person"
    return None


def _frames_after(sighting: Whereabouts, person: Person) -> int:
    return int(np.count_nonzero(person.readings.column("frame_index") > sighting.frame_index))


def _dropped(person: Person, reason: str) -> Dropped:
    return Dropped(
        id=person.id,
        first_frame=person.first_frame,
        last_frame=person.last.frame_index,
        frame_count=len(person.readings),
        reason=reason,
    )
