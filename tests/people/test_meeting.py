import numpy as np
import pytest

from people.a_reading import landmarks
from people.street import BODY
from tcmr.people.meeting import expected_boxes, hide_doubles, same_body, untangle
from tcmr.people.motion import Reading, Whereabouts
from tcmr.people.person import Hiding, Person
from tcmr.types import Region

MET = 30  # the frame in which two who go at 10 px from 300 and 900 are both at 600
PARTED = 45


BLACK, WHITE = np.zeros((3, 3)), np.ones((3, 3))


def reading(frame: int, x_px: float, colours: np.ndarray = BLACK) -> Reading:
    box = np.array([x_px - 50, 300.0, x_px + 50, 600])
    region = Region((float(x_px), 450.0), 375.0, 0.0)
    seen = landmarks(region, box[:2] + BODY * (box[2:] - box[:2]))
    return Reading(frame, frame / 30, box, seen, colours)


def walker(id: int, start_px: float, step_px: float, until: int, colours: np.ndarray = BLACK) -> Person:
    person = Person(id, 0, Whereabouts(0, 0.0, reading(0, start_px).box_xyxy_px))
    for frame in range(until):
        person.record(reading(frame, start_px + step_px * frame, colours))
    return person


def x_px(reading: Reading) -> float:
    return float(reading.box_xyxy_px[[0, 2]].mean())


def test_readings_within_a_hand_are_of_one_body():
    assert same_body(reading(0, 500), [reading(0, 900), reading(0, 510)])
    assert not same_body(reading(0, 500), [reading(0, 550)])
    assert not same_body(reading(0, 500), [])


@pytest.mark.parametrize("jumper", [1, 2])
def test_the_one_who_jumped_to_the_other_is_hidden(jumper):
    persons = walker(1, 300, 10, until=24), walker(2, 640, 0, until=24)
    stayer = next(person for person in persons if person.id != jumper)
    where = reading(24, {1: 540, 2: 640}[stayer.id])
    readings = dict.fromkeys(persons, where)
    hide_doubles(readings)
    assert list(readings) == [stayer]


def test_readings_that_went_astray_do_not_tell_where_somebody_detected_should_be():
    """Somebody who stands, seen last in frame 20, is drawn over to another from there on."""
    person = walker(1, 640, 0, until=20)
    person.see(Whereabouts(20, 20 / 30, reading(20, 640).box_xyxy_px))
    for frame in range(20, 30):
        person.record(reading(frame, 640 - 30 * (frame - 20)))
    np.testing.assert_allclose(person.box_since_sighting(30), reading(30, 640).box_xyxy_px, atol=1e-6)


def test_the_hidden_one_loses_the_readings_that_went_astray():
    standing, passing = walker(1, 640, 0, until=24), walker(2, 300, 10, until=24)
    passing.readings.cut(20)
    passing.readings.extend(reading(frame, 640) for frame in range(20, 24))
    readings = {standing: reading(24, 640), passing: reading(24, 640)}
    hide_doubles(readings)
    assert passing.hiding is not None
    assert passing.hiding.front is standing
    assert [each.frame_index for each in passing.readings] == list(range(20))
    assert len(standing.readings) == 24


def test_who_can_be_read_behind_the_other_is_not_hidden():
    standing, passing = walker(1, 640, 0, until=24), walker(2, 390, 10, until=24)
    readings = {standing: reading(24, 640), passing: reading(24, 640)}
    asked = []

    def read_behind(person: Person, front: Reading) -> Reading:
        asked.append((person, front))
        return reading(24, 580)

    hide_doubles(readings, read_behind)
    assert asked == [(passing, readings[standing])]
    assert x_px(readings[passing]) == 580
    assert passing.hiding is None


def test_who_is_read_on_the_one_in_front_again_is_hidden():
    standing, passing = walker(1, 640, 0, until=24), walker(2, 390, 10, until=24)
    readings = {standing: reading(24, 640), passing: reading(24, 640)}
    hide_doubles(readings, lambda person, front: reading(24, 642))
    assert list(readings) == [standing]
    assert passing.hiding is not None


def test_persons_side_by_side_are_left_alone():
    readings = {walker(1, 600, 0, until=24): reading(24, 600), walker(2, 660, 0, until=24): reading(24, 660)}
    hide_doubles(readings)
    assert len(readings) == 2


@pytest.mark.parametrize("mixed_up", [False, True])
def test_after_a_crossing_everybody_goes_on_the_old_way(mixed_up):
    rightward, leftward = walker(1, 300, 10, until=MET), walker(2, 900, -10, until=MET)
    ways = {rightward: lambda t: 300 + 10 * t, leftward: lambda t: 900 - 10 * t}
    followed, other = (leftward, rightward) if mixed_up else (rightward, leftward)
    leftward.hide(Hiding(rightward, MET))
    for frame in range(MET, PARTED):
        rightward.record(reading(frame, ways[followed](frame)))
    readings = {
        rightward: reading(PARTED, ways[followed](PARTED)),
        leftward: reading(PARTED, ways[other](PARTED)),
    }
    untangle(leftward, readings)
    for person, way in ways.items():
        assert x_px(readings[person]) == way(PARTED)
        assert all(x_px(each) == way(each.frame_index) for each in person.readings)
    assert len(rightward.readings) + len(leftward.readings) == 2 * MET + PARTED - MET


def test_a_hidden_person_may_turn_up_on_either_way():
    rightward, leftward = walker(1, 300, 10, until=MET), walker(2, 900, -10, until=MET)
    leftward.hide(Hiding(rightward, MET))
    centers = [box[[0, 2]].mean() for box in expected_boxes(leftward, PARTED)]
    assert any(np.isclose(center, 900 - 10 * PARTED) for center in centers)
    assert any(np.isclose(center, 300 + 10 * PARTED) for center in centers)


@pytest.mark.parametrize("mixed_up", [False, True])
def test_who_turns_back_at_a_meeting_is_known_by_the_clothes(mixed_up):
    in_black, in_white = walker(1, 300, 10, MET), walker(2, 900, -10, MET, WHITE)
    back = {in_black: (lambda t: 900 - 10 * t, BLACK), in_white: (lambda t: 300 + 10 * t, WHITE)}
    followed, other = (in_white, in_black) if mixed_up else (in_black, in_white)
    in_white.hide(Hiding(in_black, MET))
    readings = {
        person: reading(PARTED, back[who][0](PARTED), back[who][1])
        for person, who in ((in_black, followed), (in_white, other))
    }
    untangle(in_white, readings)
    for person, (way, colours) in back.items():
        assert x_px(readings[person]) == way(PARTED)
        assert readings[person].colours is colours
