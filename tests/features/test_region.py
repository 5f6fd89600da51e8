import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tcmr.features.region import region_around_box, region_from_points, to_frame, to_region
from tcmr.types import Region

pixel = st.floats(-500, 2500)
regions = st.builds(Region, st.tuples(pixel, pixel), st.floats(1, 2000), st.floats(-np.pi, np.pi))
points = st.lists(st.tuples(pixel, pixel), min_size=1, max_size=5).map(np.array)


@given(regions, points)
def test_into_a_region_and_back(region, points_px):
    np.testing.assert_allclose(to_frame(region, to_region(region, points_px)), points_px, atol=1e-6)


@given(st.tuples(pixel, pixel).map(np.array), st.floats(5, 500), st.floats(-np.pi, np.pi))
def test_the_rim_is_straight_above_the_center(center, radius_px, angle):
    rim = center + radius_px * np.array([np.sin(angle), -np.cos(angle)])
    region = region_from_points(center, rim)
    assert np.isclose(region.size_px, 2.5 * radius_px)
    np.testing.assert_allclose(to_region(region, center), [0.5, 0.5], atol=1e-9)
    np.testing.assert_allclose(to_region(region, rim), [0.5, 0.5 - 1 / 2.5], atol=1e-9)


def test_a_quarter_turn_clockwise():
    region = Region((100.0, 50.0), 20.0, np.pi / 2)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
    np.testing.assert_allclose(
        to_frame(region, corners), [[110, 40], [110, 60], [90, 60], [90, 40]], atol=1e-9
    )


def test_around_a_box():
    assert region_around_box(np.array([10.0, 20, 50, 120])) == Region((30.0, 70.0), 125.0, 0.0)
