import numpy as np

from tcmr.people.motion import COASTING_FRAMES, VELOCITY_PLACES, Place, expected_box


def walk(frames: int, step_px: float) -> list[Place]:
    start = np.array([100.0, 100, 140, 200])
    return [Place(k, k / 30, start + np.array([step_px * k, 0, step_px * k, 0])) for k in range(frames)]


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
