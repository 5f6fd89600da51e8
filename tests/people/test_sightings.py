import numpy as np
import pytest

from people.a_reading import landmarks
from tcmr.people.motion import Reading, Sighting, Whereabouts
from tcmr.people.person import Person
from tcmr.people.sightings import confirm, reunions

LEFT, RIGHT = np.array([100.0, 100, 200, 400]), np.array([600.0, 100, 700, 400])


def sighting(box: np.ndarray, frame: int = 8) -> Sighting:
    return Sighting(frame, frame / 30, box, box)


def someone(id: int, box: np.ndarray) -> Person:
    return Person(id, 0, Whereabouts(0, 0.0, box))


def reading(box: np.ndarray, score: float = 1.0) -> Reading:
    return Reading(8, 8 / 30, box, landmarks(score=score), np.zeros((3, 3)))


def test_detections_go_to_whom_they_show_and_the_rest_to_nobody():
    persons = [someone(1, LEFT), someone(2, RIGHT)]
    shown = [sighting(RIGHT + 10), sighting(LEFT + 200), sighting(LEFT + 10)]
    unclaimed = confirm({persons[0]: reading(LEFT), persons[1]: reading(RIGHT)}, shown)
    assert unclaimed == [shown[1]]
    assert [person.sighting for person in persons] == [shown[2], shown[0]]
    assert [person.sightings for person in persons] == [2, 2]


@pytest.mark.parametrize(("score", "claimed"), [(1.0, True), (0.2, False)])
def test_an_unsure_reading_must_lie_nearer_to_a_detection(score, claimed):
    shown = sighting(LEFT + np.array([40, 0, 40, 0]))  # they share 43 % of both
    assert confirm({someone(1, LEFT): reading(LEFT, score)}, [shown]) == ([] if claimed else [shown])


def test_lost_persons_are_found_near_where_they_were():
    one, other = someone(1, LEFT), someone(2, RIGHT)
    near = sighting(LEFT + 60)
    assert reunions([one, other], [near]) == [(one, near)]
    assert reunions([other], [near]) == []
    assert reunions([], [near]) == reunions([one], []) == []
