"""Flow: pictures that move by a known way, and pictures that have nothing to do with each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import affine_transform, gaussian_filter

from tcmr.people.flow import landmark_flow

SIDE = 400
# How far somebody goes within a frame, as a share of the height: a runner at 30 frames a second.
STEP = st.floats(-0.06, 0.06)


def picture(seed: int) -> np.ndarray:
    """Make a soft pattern, different everywhere."""
    noise = np.random.default_rng(seed).random((SIDE, SIDE, 3))
    soft = gaussian_filter(noise, (3, 3, 0))
    return (255 * (soft - soft.min()) / np.ptp(soft)).astype(np.uint8)


def landmarks(seed: int = 0, size: float = 200) -> np.ndarray:
    return (
        np.random.default_rng(seed)
        .uniform(SIDE / 2 - size / 2, SIDE / 2 + size / 2, (33, 2))
        .astype(np.float32)
    )


def moved(rgb: np.ndarray, x: float, y: float) -> np.ndarray:
    channels = [affine_transform(rgb[..., c], np.eye(2), (-y, -x), order=3, mode="nearest") for c in range(3)]
    return np.stack(channels, -1)


@given(right=STEP, down=STEP, size=st.floats(80, 300))
@settings(max_examples=20, deadline=None)
def test_a_picture_that_moves_is_followed_to_a_fraction_of_a_pixel(right, down, size):
    points, rgb = landmarks(size=size), picture(1)
    x, y = right * size, down * size
    flow = landmark_flow(rgb, moved(rgb, x, y), points, points + np.float32([x, y]))
    assert (flow.certainty > 0).mean() > 0.8
    off = np.linalg.norm(flow.px - [x, y], axis=1)[flow.certainty > 0]
    assert np.median(off) < 0.15


def test_landmarks_that_tremble_do_not_make_it_tremble():
    rgb, points = picture(2), landmarks()
    shaken = points + np.random.default_rng(3).normal(scale=3, size=points.shape).astype(np.float32)
    flow = landmark_flow(rgb, moved(rgb, 2, -1), points, shaken)
    assert np.abs(np.median(flow.px, axis=0) - [2, -1]).max() < 0.1


def test_error_and_certainty_are_in_pixels_of_the_frame():
    """A person thrice as large in the picture moves thrice as far, and is thrice as uncertain."""
    rgb, points = picture(4)[100:300, 100:300], landmarks(size=120) - 100
    after = moved(rgb, 1.5, 0.5)
    small = landmark_flow(rgb, after, points, points)
    large = landmark_flow(*(each.repeat(3, 0).repeat(3, 1) for each in (rgb, after)), 3 * points, 3 * points)
    known = (small.certainty > 0) & (large.certainty > 0)
    assert known.mean() > 0.9
    assert np.median(large.px[known] / small.px[known]) == pytest.approx(3, rel=0.1)
    assert np.median(large.certainty[known] / small.certainty[known]) == pytest.approx(1 / 3, rel=0.1)


def test_where_two_pictures_have_nothing_in_common_little_is_believed():
    points = landmarks()
    flow = landmark_flow(picture(5), picture(6), points, points)
    same = landmark_flow(picture(5), picture(5), points, points)
    assert same.certainty.min() > 2
    assert flow.certainty.mean() < 0.1 * same.certainty.mean()


@pytest.mark.parametrize("place", [-5000.0, 1e6])
def test_of_landmarks_outside_the_picture_nothing_is_known(place):
    points = landmarks() + np.float32(place)
    flow = landmark_flow(picture(7), picture(7), points, points)
    assert np.isfinite(flow.px).all()
    assert not flow.certainty.any() or np.abs(flow.px).max() < 1e-3


def test_a_person_without_size_is_no_error():
    points = np.full((33, 2), 50, np.float32)
    flow = landmark_flow(picture(8), picture(8), points, points)
    np.testing.assert_allclose(flow.px, 0, atol=1e-3)
