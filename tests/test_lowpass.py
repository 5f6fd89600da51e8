"""The low-passes against what theory says of them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tcmr.lowpass import low_pass, low_pass_reach, steep_low_pass, steep_low_pass_reach

DEVIATION = 3.0


def passed(smooth, period_frames: float) -> float:
    """Return the share of a swing that is left in the middle of a long clip."""
    wave = torch.cos(2 * math.pi * torch.arange(-200.0, 201.0) / period_frames)[:, None].double()
    return float(smooth(wave, DEVIATION)[200, 0])


@pytest.mark.parametrize("period_frames", [8.0, 15.0, 30.0, 60.0])
def test_a_swing_is_left_by_the_share_of_its_frequency(period_frames):
    share = math.exp(-0.5 * (2 * math.pi * DEVIATION / period_frames) ** 2)
    assert passed(low_pass, period_frames) == pytest.approx(share, abs=0.01)
    assert passed(steep_low_pass, period_frames) == pytest.approx(1 - (1 - share) ** 3, abs=0.02)


@given(st.integers(1, 60), st.floats(-5, 5), st.floats(0.3, 6))
def test_steady_movement_stays_to_the_ends(frames, speed, deviation):
    line = speed * torch.arange(float(frames))[:, None] + 2
    torch.testing.assert_close(steep_low_pass(line, deviation), line, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize(
    ("smooth", "reach"), [(low_pass, low_pass_reach), (steep_low_pass, steep_low_pass_reach)]
)
def test_no_frame_counts_beyond_the_reach(smooth, reach):
    frames = 2 * reach(DEVIATION) + 60
    values = torch.randn(frames, 2, generator=torch.Generator().manual_seed(0))
    changed = values.clone()
    changed[0] += 100
    same = torch.isclose(smooth(values, DEVIATION), smooth(changed, DEVIATION), atol=1e-4).all(-1)
    assert same[2 * reach(DEVIATION) :].all()
    assert not same[0]
