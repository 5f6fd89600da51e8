"""What every filter owes its user, on motions of any seed."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from torch import Tensor

from tcmr.errors import TcmrError
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle
from tcmr.smooth.gaussian import Gaussian
from tcmr.smooth.motion import FILTERS
from tcmr.smooth.one_euro import OneEuro
from tcmr.smooth.slerp import SlerpAverage

FPS = 30.0
SEEDS = st.integers(0, 2**31)
each_filter = pytest.mark.parametrize("smooth", FILTERS.values(), ids=FILTERS)


def random_rotations(*shape: int, seed: int) -> Tensor:
    rotations = Rotation.random(int(np.prod(shape)), rng=np.random.default_rng(seed))
    return torch.from_numpy(rotations.as_matrix()).unflatten(0, shape)


def swing(frames: int, seed: int, joints: int = 3) -> Tensor:
    """Swing joints about axes of their own, with noise on top: [frames, joints, 3, 3]."""
    rng = np.random.default_rng(seed)
    rate, phase = rng.uniform(1, 6, (2, joints, 3))
    angles = np.sin(rate * np.arange(frames)[:, None, None] / FPS + phase)
    return rotmat_from_axis_angle(torch.from_numpy(angles + 0.05 * rng.normal(size=angles.shape)))


def turn_about_x(angles_rad: Tensor) -> Tensor:
    return rotmat_from_axis_angle(angles_rad[:, None] * torch.tensor([1.0, 0, 0]).double())[:, None]


def angle(rotmat: Tensor) -> Tensor:
    return axis_angle_from_rotmat(rotmat).norm(dim=-1)


def assert_rotations(rotmat: Tensor) -> None:
    eye = torch.eye(3).to(rotmat).expand_as(rotmat)
    torch.testing.assert_close(rotmat @ rotmat.mT, eye, atol=1e-9, rtol=0)
    torch.testing.assert_close(torch.linalg.det(rotmat), torch.ones_like(rotmat[..., 0, 0]))


@each_filter
@given(seed=SEEDS)
def test_who_does_not_move_stays(smooth, seed):
    held = random_rotations(1, 4, seed=seed).expand(8, 4, 3, 3)
    torch.testing.assert_close(smooth(held, FPS), held, atol=1e-9, rtol=0)


@each_filter
@given(seed=SEEDS)
def test_turning_the_world_turns_the_result(smooth, seed):
    motion, turn = swing(12, seed), random_rotations(1, seed=seed)
    torch.testing.assert_close(smooth(turn @ motion, FPS), turn @ smooth(motion, FPS), atol=1e-9, rtol=0)


@each_filter
@given(seed=SEEDS)
def test_rotations_come_out_of_any_rotations(smooth, seed):
    assert_rotations(smooth(random_rotations(12, 5, seed=seed), FPS))


@each_filter
def test_half_turns_between_frames_are_no_trouble(smooth):
    for axis in torch.eye(3).double():
        half = rotmat_from_axis_angle(torch.pi * axis)
        flips = torch.stack([torch.eye(3).double(), half] * 6)[:, None]
        assert_rotations(smooth(flips, FPS))


@each_filter
def test_noise_on_somebody_at_rest_shrinks(smooth):
    noise = 0.05 * torch.from_numpy(np.random.default_rng(0).normal(size=(60, 4, 3)))
    noisy = rotmat_from_axis_angle(noise)
    assert angle(smooth(noisy, FPS))[10:-10].mean() < 0.7 * angle(noisy)[10:-10].mean()


@each_filter
def test_a_single_frame_stays(smooth):
    single = random_rotations(1, 24, seed=0)
    torch.testing.assert_close(smooth(single, FPS), single)


@given(seed=SEEDS)
def test_gaussian_backwards_in_time_is_the_result_backwards(seed):
    motion = swing(12, seed)
    smooth = Gaussian()
    torch.testing.assert_close(smooth(motion.flip(0), FPS), smooth(motion, FPS).flip(0))


def test_gaussian_is_the_mean_by_quaternions():
    motion = swing(41, seed=0, joints=1)
    weights = np.exp(-0.5 * ((np.arange(41) - 20) / (0.05 * FPS)) ** 2)
    weights[np.abs(np.arange(41) - 20) > 4 * 0.05 * FPS] = 0  # where the filter's window ends
    mean = Rotation.from_matrix(motion[:, 0].numpy()).mean(weights).as_matrix()
    np.testing.assert_allclose(Gaussian(0.05)(motion, FPS)[20, 0], mean, atol=1e-6)


@each_filter
def test_a_steady_turn_keeps_its_speed(smooth):
    turned = angle(smooth(turn_about_x(0.02 * torch.arange(100).double()), FPS)[:, 0])
    torch.testing.assert_close(turned.diff()[30:-30], torch.full((39,), 0.02).double(), atol=1e-4, rtol=0)


def test_slerp_lags_by_its_ratio_and_gaussian_not():
    turn = 0.02 * torch.arange(100).double()
    lag = (turn - angle(SlerpAverage(0.3)(turn_about_x(turn), FPS)[:, 0]))[50] / 0.02
    assert lag == pytest.approx(0.7 / 0.3, abs=1e-6)
    torch.testing.assert_close(angle(Gaussian()(turn_about_x(turn), FPS)[:, 0])[20:-20], turn[20:-20])


def test_one_euro_without_gain_is_a_first_order_low_pass():
    step = turn_about_x((torch.arange(60) >= 10).double())
    filtered = angle(OneEuro(cutoff_hz=1.0, speed_gain=0.0)(step, FPS)[:, 0])
    share = 1 / (1 + FPS / (2 * np.pi))
    expected = 1 - (1 - share) ** (torch.arange(50).double() + 1)
    torch.testing.assert_close(filtered[10:], expected)


def test_one_euro_follows_the_quick_more_closely_than_the_slow():
    def lag_frames(speed: float) -> float:
        turn = speed * torch.arange(30).double() / FPS
        return float((turn - angle(OneEuro(1.0, 0.5)(turn_about_x(turn), FPS)[:, 0]))[-1] / speed * FPS)

    assert lag_frames(3.0) < 0.5 * lag_frames(0.1)


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_one_euro_lags_by_the_same_time_at_any_rate(fps):
    turn = torch.arange(int(2 * fps)).double() / fps
    lag_s = turn - angle(OneEuro(cutoff_hz=1.0, speed_gain=0.0)(turn_about_x(turn), fps)[:, 0])
    assert lag_s[-1] == pytest.approx(1 / (2 * np.pi), rel=1e-3)


@pytest.mark.parametrize("fps", [30.0, 60.0, 120.0])
def test_gaussian_damps_a_swing_by_the_same_share_at_any_rate(fps):
    sigma_s, rate = 0.05, 2 * np.pi * 2
    swung = 0.1 * torch.sin(rate * torch.arange(int(2 * fps)).double() / fps)
    filtered = angle(Gaussian(sigma_s)(turn_about_x(swung), fps)[:, 0])[20:-20]
    assert filtered.max() / 0.1 == pytest.approx(np.exp(-((rate * sigma_s) ** 2) / 2), rel=0.01)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SlerpAverage(0.0), "ratio"),
        (lambda: SlerpAverage(1.5), "ratio"),
        (lambda: Gaussian(0.0), "sigma"),
        (lambda: Gaussian(float("nan")), "sigma"),
        (lambda: OneEuro(cutoff_hz=-1.0), "cutoff_hz=-1.0"),
        (lambda: OneEuro(speed_gain=-0.1), "speed_gain=-0.1"),
    ],
)
def test_numbers_that_make_no_filter_are_refused(make, said):
    with pytest.raises(TcmrError, match=said):
        make()
