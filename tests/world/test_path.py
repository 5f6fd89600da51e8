"""The path smoother: straight lines stay, its frequency response is as stated, outliers and gaps do no harm."""

from dataclasses import replace

import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.world.path import differences, smooth_path, smoothed

FPS = 30.0


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_straight_lines_stay(count):
    line = np.arange(count)[:, None] * np.array([[0.1, -2.0]]) + 5
    np.testing.assert_allclose(smoothed(line, np.arange(count), FPS, 1.0), line, atol=1e-6)


@pytest.mark.parametrize(("hz", "low", "high"), [(0.5, 0.9, 1.0), (2.0, 0.45, 0.55), (8.0, 0.0, 0.02)])
def test_two_hertz_pass_by_half_and_what_is_slower_stays(hz, low, high):
    wave = np.sin(2 * np.pi * hz * np.arange(600) / FPS + 0.3)[:, None]
    middle = slice(150, 450)
    kept = smoothed(wave, np.arange(600), FPS, 2.0)[middle]
    assert low <= (kept * wave[middle]).sum() / (wave[middle] ** 2).sum() <= high


def test_an_outlier_pulls_nothing_along():
    rng = np.random.default_rng(0)
    values = 0.01 * rng.normal(size=(90, 1))
    values[40:43] += 3
    assert np.abs(smoothed(values, np.arange(90), FPS, 1.0)).max() < 0.05


def test_stretches_are_smoothed_apart():
    rng = np.random.default_rng(0)
    frames = np.array([*range(40), *range(60, 100)])
    values = np.cumsum(rng.normal(size=(80, 2)), 0)
    values[40:] += 100
    bends = differences(frames, 2)
    assert bends.shape[0] == 2 * 38
    found = smoothed(values, frames, FPS, 2.0)
    assert np.abs(found - values).max() < 10  # nothing of the jump of 100


def test_distance_errors_shrink_and_direction_stays(towards):
    seen, truth = towards.seen.transl_m, towards.seen_without_errors.transl_m
    smooth = smooth_path(towards.seen).transl_m
    jitter = [np.diff(path[:, 2], 2).std() for path in (seen, smooth)]
    assert jitter[1] < jitter[0] / 20
    assert np.abs(smooth[:, 2] - truth[:, 2]).mean() < 0.8 * np.abs(seen[:, 2] - truth[:, 2]).mean()
    off = smooth[:, :2] / smooth[:, 2:] - truth[:, :2] / truth[:, 2:]
    assert np.linalg.norm(off, axis=1).mean() < 0.004


def test_a_motion_without_a_place_is_refused(towards):
    with pytest.raises(TcmrError, match="tcmr run"):
        smooth_path(replace(towards.seen, transl_m=None))


@pytest.mark.parametrize("depth_m", [0.0, -3.0])
def test_a_place_behind_the_camera_gives_a_path_all_the_same(across, depth_m):
    place = across.seen.transl_m.copy()
    place[5, 2] = depth_m
    assert np.isfinite(smooth_path(replace(across.seen, transl_m=place)).transl_m).all()


@pytest.mark.parametrize("fps", [1e-6, 1e6])
def test_any_frame_rate_gives_a_path(across, fps):
    assert np.isfinite(smooth_path(replace(across.seen, fps=fps)).transl_m).all()


def test_who_is_nowhere_stays_there(towards):
    nowhere = replace(towards.seen, transl_m=np.zeros_like(towards.seen.transl_m))
    np.testing.assert_allclose(
        smooth_path(nowhere).transl_m, np.float32([[0, 0, 0.01]]).repeat(150, 0), atol=1e-6
    )
