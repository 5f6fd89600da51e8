import numpy as np
import pytest

from people.a_reading import landmarks
from tcmr.people.motion import Reading, Whereabouts
from tcmr.people.person import Hiding, Person
from tcmr.people.selection import select_persons


def person(id: int, frames: int, height_px: float = 100, sightings: int = 5) -> Person:
    box = np.array([0.0, 0, 50, height_px])
    someone = Person(id, 0, Whereabouts(0, 0.0, box), sightings=sightings)
    for frame in range(frames):
        someone.record(Reading(frame, frame / 30, box, landmarks(), np.zeros((3, 3))))
    return someone


def test_everybody_is_either_kept_or_dropped():
    persons = [person(1, 20), person(2, 5), person(3, 0), person(4, 40, sightings=1)]
    kept, dropped = select_persons(persons, min_frames=10, max_persons=None, detect_every=8)
    assert [each.id for each in kept] == [1]
    assert [(each.id, each.frame_count) for each in dropped] == [(2, 5), (3, 0), (4, 40)]
    reasons = " / ".join(each.reason for each in dropped)
    assert reasons == (
        "seen in 5 frames, fewer than 10 / detected, but the landmarks could not be read / "
        "detected only once in all its frames: hardly a person"
    )


def test_who_had_no_second_chance_to_be_detected_is_kept():
    kept, _ = select_persons([person(1, 8, sightings=1), person(2, 9, sightings=1)], 5, None, detect_every=8)
    assert [each.id for each in kept] == [1]


def test_frames_before_the_first_detection_are_no_chance_to_be_detected():
    late = person(1, 15, sightings=1)
    late.sighting = Whereabouts(8, 8 / 30, late.sighting.box_xyxy_px)
    assert select_persons([late], 10, None, detect_every=8)[0] == [late]
    late.record(Reading(16, 16 / 30, late.sighting.box_xyxy_px, landmarks(), np.zeros((3, 3))))
    late.record(Reading(17, 17 / 30, late.sighting.box_xyxy_px, landmarks(), np.zeros((3, 3))))
    assert select_persons([late], 10, None, detect_every=8)[0] == []


def test_the_reason_names_who_stood_in_front():
    front, hidden = person(1, 20), person(2, 5)
    hidden.hide(Hiding(front, 5))
    _, (dropped,) = select_persons([front, hidden], min_frames=10, max_persons=None, detect_every=8)
    assert dropped.reason.endswith("hidden by person 1")


@pytest.mark.parametrize(("max_persons", "ids"), [(None, [1, 2, 3]), (2, [2, 3]), (1, [3])])
def test_the_larger_and_longer_seen_stay_in_order(max_persons, ids):
    persons = [person(1, 20, height_px=50), person(2, 20, height_px=100), person(3, 40, height_px=90)]
    kept, dropped = select_persons(persons, min_frames=10, max_persons=max_persons, detect_every=8)
    assert [each.id for each in kept] == ids
    assert len(kept) + len(dropped) == 3
