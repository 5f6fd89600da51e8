from dataclasses import replace

import numpy as np

from people.a_reading import HERE
from tcmr.people.motion import Reading
from tcmr.people.readings import Readings
from tcmr.people.segments import segments, sure_part
from tcmr.types import Flow, Landmarks


def reading(frame: int) -> Reading:
    """Values that grow with the frame number, so that interpolation can be told."""
    line = np.full(33, frame, np.float32)
    landmarks = Landmarks(
        HERE, HERE, line[:, None].repeat(2, 1), line, line, line[:, None].repeat(3, 1), float(frame), line
    )
    flow = Flow(line[:, None].repeat(2, 1), np.ones(33, np.float32))
    return Reading(frame, frame / 30, np.zeros(4), landmarks, np.zeros((3, 3)), flow)


def test_a_short_hole_is_bridged_in_a_straight_line_and_marked():
    (track,) = segments(7, Readings(reading(frame) for frame in (3, 4, 8, 9)), longest_bridge=3)
    assert (track.id, track.segment) == (7, 0)
    np.testing.assert_array_equal(track.frames, np.arange(3, 10))
    np.testing.assert_array_equal(track.frames[track.bridged], [5, 6, 7])
    for values in (track.xy_px, track.world_m, track.visibility, track.scores, track.spread_px):
        first_column = values.reshape(len(track.frames), -1)[:, 0]
        np.testing.assert_allclose(first_column, track.frames, rtol=1e-6)


def test_nothing_is_known_of_how_the_picture_moved_in_a_hole():
    (track,) = segments(7, Readings(reading(frame) for frame in (3, 4, 8, 9)), longest_bridge=3)
    np.testing.assert_array_equal(track.flow_certainty[:, 0], [1, 1, 0, 0, 0, 1, 1])
    np.testing.assert_array_equal(track.flow_px[~track.bridged, 0, 0], [3, 4, 8, 9])


def unsure_reading(frame: int) -> Reading:
    """Make a person of 100 px, whose limbs two readings put 20 px apart."""
    sure = reading(frame)
    xy_px = np.linspace(0, 100, 66, dtype=np.float32).reshape(33, 2)
    spread_px = np.full(33, 20, np.float32)
    return replace(sure, landmarks=replace(sure.landmarks, xy_px=xy_px, spread_px=spread_px))


def sure_reading(frame: int) -> Reading:
    unsure = unsure_reading(frame)
    return replace(unsure, landmarks=replace(unsure.landmarks, spread_px=np.ones(33, np.float32)))


def test_a_sure_part_begins_and_ends_where_readings_agree():
    """What lies between stays: before and behind it there is a person."""
    sure = {3, 4, 6, 9}
    readings = [sure_reading(frame) if frame in sure else unsure_reading(frame) for frame in range(12)]
    (whole,) = segments(7, Readings(readings), longest_bridge=3)
    track = sure_part(whole)
    np.testing.assert_array_equal(track.frames, np.arange(3, 10))
    np.testing.assert_array_equal(track.spread_px[:, 0], [1, 1, 20, 1, 20, 20, 1])


def test_somebody_of_whom_nothing_is_sure_stays():
    (track,) = segments(7, Readings(map(unsure_reading, range(4))), longest_bridge=3)
    assert sure_part(track) is track


def test_a_longer_hole_ends_a_track():
    first, second = segments(7, Readings(reading(frame) for frame in (3, 4, 8, 9)), longest_bridge=2)
    assert [first.segment, second.segment] == [0, 1]
    np.testing.assert_array_equal(first.frames, [3, 4])
    np.testing.assert_array_equal(second.frames, [8, 9])
    assert not first.bridged.any()


def test_one_reading_is_a_track():
    (track,) = segments(1, Readings([reading(5)]), longest_bridge=10)
    np.testing.assert_array_equal(track.frames, [5])
