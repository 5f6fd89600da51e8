import numpy as np
import pytest

from people.a_reading import landmarks
from tcmr.people.motion import COASTING_FRAMES, VELOCITY_PLACES, Reading, Whereabouts, expected_box, turn_rad
from tcmr.people.person import Person
from tcmr.types import Region


def walk(frames: int, step_px: float) -> list[Whereabouts]:
    start = np.array([100.0, 100, 140, 200])
    return [Whereabouts(k, k / 30, start + np.array([step_px * k, 0, step_px * k, 0])) for k in range(frames)]


def test_a_walker_goes_on():
    places = walk(VELOCITY_PLACES, step_px=6)
    np.testing.assert_allclose(
        expected_box(places, places[-1].frame_index + 10), walk(VELOCITY_PLACES + 10, 6)[-1].box_xyxy_px
    )


def test_nobody_walks_on_for_ever():
    places = walk(VELOCITY_PLACES, step_px=6)
    stop = expected_box(places, places[-1].frame_index + COASTING_FRAMES)
    np.testing.assert_array_equal(expected_box(places, 10_000), stop)


def test_who_was_seen_for_a_moment_stays():
    places = walk(3, step_px=6)
    np.testing.assert_array_equal(expected_box(places, 30), places[-1].box_xyxy_px)


def readings(headings_rad: list[float], fps: float = 30.0, every: int = 1) -> list[Reading]:
    """Return readings of a person who stands still, with these headings."""
    regions = [Region((5.0, 10.0), 20.0, heading) for heading in headings_rad]
    return [
        Reading(
            frame_index=every * row,
            time_s=every * row / fps,
            box_xyxy_px=np.array([0.0, 0, 10, 20]),
            landmarks=landmarks(region),
            colours=np.zeros((3, 3)),
        )
        for row, region in enumerate(regions)
    ]


@pytest.mark.parametrize("step", [0.15, -0.2])
@pytest.mark.parametrize("every", [1, 2])
def test_who_turns_over_turns_on_also_across_half_a_turn(step, every):
    headings = [(2.9 + step * every * row + np.pi) % (2 * np.pi) - np.pi for row in range(8)]
    assert turn_rad(readings(headings, every=every)) == pytest.approx(step)


@pytest.mark.parametrize(
    "headings",
    [
        [0.15 * row for row in range(5)],
        [0.03 * row for row in range(9)],
        [0.3, -0.2, 0.5, 0.1, 0.9, 0.4, 1.2],
        [0.0] * 9,
    ],
    ids=["few readings", "slowly", "to and fro", "not at all"],
)
def test_nobody_else_does(headings):
    assert turn_rad(readings(headings)) == 0


def test_how_slowly_is_told_in_seconds():
    headings = [0.05 * row for row in range(9)]
    assert turn_rad(readings(headings, fps=30)) == 0
    assert turn_rad(readings(headings, fps=60)) == pytest.approx(0.05)


def test_who_is_missed_is_looked_for_turned_on():
    seen = readings([0.2 * row for row in range(10)])
    person = Person(1, 0, seen[0])
    for reading in seen:
        person.record(reading)
    for missed in (1, 2, 3):
        person.miss(patience=3)
        assert person.region.rotation_rad == pytest.approx(0.2 * (9 + missed))
    person.miss(patience=3)
    assert person.region is None
