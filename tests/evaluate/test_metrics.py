"""Against numbers of the released code (tests/parity) and cases that can be told by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from parity.synth import uni
from tcmr.evaluate import metrics
from tcmr.joints import H36M_14, H36M_17, LIMBS_12, indices

PARITY = Path(__file__).parents[1] / "parity"
COMMON_14 = tuple(H36M_14)


@pytest.fixture(scope="module")
def released() -> dict[str, np.ndarray]:
    return dict(np.load(PARITY / "metrics.npz"))


@pytest.fixture(scope="module")
def pair(released: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Forty frames; frame 3 is mirrored, 4 identical, 5 planar."""
    predicted, true = (metrics.root_relative(released[name], COMMON_14) for name in ("pred", "gt"))
    return predicted, true


def test_mpjpe_is_the_released_codes(released, pair):
    np.testing.assert_allclose(metrics.mpjpe(*pair), released["mpjpe"] * 1e3, atol=1e-3)
    np.testing.assert_allclose(metrics.mpjpe(*pair), released["numpy_errors"][0] * 1e3, atol=1e-3)


def test_similarity_alignment_is_the_released_codes(released, pair):
    np.testing.assert_allclose(metrics.similarity_aligned(*pair), released["pa_aligned"], atol=2e-6)


def test_pa_mpjpe_is_the_released_codes(released, pair):
    np.testing.assert_allclose(metrics.pa_mpjpe(*pair), released["pa_mpjpe"] * 1e3, atol=1e-3)
    np.testing.assert_allclose(metrics.pa_mpjpe(*pair), released["numpy_errors"][1] * 1e3, atol=1e-3)


def test_pa_mpjpe_of_17_joints_is_the_released_codes(released):
    true = uni("met/g17", (20, 17, 3), 0.3)
    predicted = true + uni("met/p17", (20, 17, 3), 0.05)
    np.testing.assert_allclose(metrics.pa_mpjpe(predicted, true), released["pa17"] * 1e3, atol=1e-3)


def test_mpvpe_is_the_released_codes(released):
    offset = uni("met/v", (5, 6890, 3), 0.02)
    np.testing.assert_allclose(
        metrics.mpvpe(offset + 1, np.ones_like(offset)), released["verts_err"] * 1e3, atol=1e-3
    )


def test_accelerations_are_the_released_codes(released, pair):
    predicted, _ = pair
    np.testing.assert_allclose(metrics.acceleration(predicted), released["accel"] * 1e3, atol=1e-3)
    error = metrics.acceleration_error(*pair)
    np.testing.assert_allclose(error, released["accel_err"] * 1e3, atol=1e-3)
    seen = metrics.accelerations_seen(released["vis"])
    np.testing.assert_allclose(error[seen], released["accel_err_vis"] * 1e3, atol=1e-3)


@given(seed=st.integers(0, 2**31), scale=st.floats(0.1, 10))
def test_alignment_undoes_any_similarity_but_no_mirror(seed, scale):
    rng = np.random.default_rng(seed)
    true = rng.normal(size=(3, 12, 3))
    moved = scale * true @ Rotation.random(rng=rng).as_matrix().T + rng.normal(size=3)
    assert metrics.pa_mpjpe(moved, true).max() < 1e-6
    assert metrics.pa_mpjpe(moved * [-1, 1, 1], true).min() > 10


def test_batch_axes_are_free():
    rng = np.random.default_rng(0)
    predicted, true = rng.normal(size=(2, 2, 3, 7, 12, 3))
    for measure in (metrics.mpjpe, metrics.pa_mpjpe, metrics.acceleration_error):
        batched = measure(predicted, true)
        np.testing.assert_allclose(batched[1, 2], measure(predicted[1, 2], true[1, 2]))


def test_falling_body_accelerates_at_9_81():
    time_s = np.arange(10) / 60
    joints = np.zeros((10, 2, 3))
    joints[..., 1] = (9.81 / 2 * time_s**2)[:, None]
    np.testing.assert_allclose(metrics.acceleration_si(metrics.acceleration(joints), fps=60.0), 9.81)


def test_kept_motion_of_a_damped_copy():
    true = np.random.default_rng(0).normal(size=(20, 12, 3))
    assert metrics.kept(metrics.speed(true / 2), metrics.speed(true)) == pytest.approx(0.5)
    assert metrics.kept(metrics.acceleration(0 * true), metrics.acceleration(true)) == 0


def walk(frames: int, lag: int = 0) -> np.ndarray:
    """Swing twelve joints by a whole number of periods of 20 frames."""
    phase = 2 * np.pi * (np.arange(frames) - lag) / 20
    return np.stack([np.sin(phase), np.cos(phase), 0 * phase], -1)[:, None].repeat(12, axis=1)


def followed(predicted: np.ndarray, true: np.ndarray) -> float:
    along, everything = metrics.velocity_followed(predicted, true)
    return along / everything


def test_velocity_followed_of_a_damped_a_late_and_a_backward_copy():
    true = walk(41)
    assert followed(true, true) == pytest.approx(1)
    assert followed(true / 2, true) == pytest.approx(0.5)
    assert followed(walk(41, lag=2), true) == pytest.approx(np.cos(2 * np.pi * 2 / 20))
    assert followed(true * [-1, -1, 1], true) == pytest.approx(-1)
    assert followed(0 * true, true) == 0


def test_trembling_raises_the_speed_but_not_the_velocity_followed():
    true = walk(2001)
    trembling = true / 2 + np.random.default_rng(0).normal(size=true.shape) * 0.2
    assert metrics.kept(metrics.speed(trembling), metrics.speed(true)) > 1.3
    assert followed(trembling, true) == pytest.approx(0.5, abs=0.03)


def test_clips_of_velocity_followed_can_be_pooled():
    true, predicted = walk(41), walk(41, lag=3)
    halves = np.sum(
        [metrics.velocity_followed(predicted[part], true[part]) for part in (slice(0, 21), slice(20, 41))],
        axis=0,
    )
    np.testing.assert_allclose(halves, metrics.velocity_followed(predicted, true))


def test_the_worst_frames_are_the_largest_errors_wherever_they_are():
    errors = np.random.default_rng(0).permutation(np.arange(100.0))
    assert metrics.worst(errors) == np.mean([95, 96, 97, 98, 99])
    assert metrics.worst(errors, share=1.0) == errors.mean()
    assert metrics.worst(np.array([1.0, 3.0, 2.0])) == 3


def test_root_is_the_middle_of_the_hips_in_every_set():
    for joint_set in (LIMBS_12, H36M_14, H36M_17):
        joints = np.random.default_rng(0).normal(size=(4, len(joint_set), 3))
        hips = metrics.root_relative(joints, joint_set)[:, indices(joint_set, ("left_hip", "right_hip"))]
        np.testing.assert_allclose(hips.mean(1), 0, atol=1e-12)
