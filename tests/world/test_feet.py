"""Which foot stands when is known of a simulated walk."""

import numpy as np

from tcmr.world.feet import foot_points_m, longer_than, speeds_m_s, standing


def test_the_feet_that_stand_are_found(across, open_body):
    feet = foot_points_m(across.truth, open_body)
    found = standing(feet, -feet[..., 1], across.truth.frames, across.truth.fps)
    for points, expected in ((found[:, :2], across.left_stands), (found[:, 2:], ~across.left_stands)):
        assert (points.any(1) == expected).mean() > 0.9


def test_speed_is_the_slower_of_before_and_after():
    places = np.array([0.0, 0.0, 0.3, 0.3, 0.6])[:, None, None] * np.array([1.0, 0, 0])
    np.testing.assert_allclose(speeds_m_s(places, np.arange(5), 10.0)[:, 0], [0, 0, 0, 0, 3])
    np.testing.assert_allclose(speeds_m_s(places[3:], np.array([3, 5]), 10.0)[:, 0], [1.5, 1.5])


def test_moments_are_dropped():
    column = np.array([1, 0, 1, 1, 0, 1, 1, 1], bool)
    assert longer_than(column[:, None], 2)[:, 0].tolist() == [0, 0, 1, 1, 0, 1, 1, 1]
    assert longer_than(column[:, None], 3)[:, 0].tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
