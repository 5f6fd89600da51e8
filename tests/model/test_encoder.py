"""The temporal encoder against the released code's numbers, and what each branch may see."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tcmr.model.encoder import TemporalEncoder
from tcmr.model.integration import AttentionIntegration

# Softmax over three numbers that a tanh keeps within -1 and 1.
HIGHEST = math.e / (math.e + 2 / math.e)
LOWEST = (1 / math.e) / (1 / math.e + 2 * math.e)


@pytest.fixture(scope="module")
def encoded(full_size, windows):
    return full_size.encoder(windows)


def test_every_branch_is_the_released_codes(encoded, released):
    torch.testing.assert_close(encoded.past, released["enc_bef"], atol=2e-5, rtol=0)
    torch.testing.assert_close(encoded.future, released["enc_aft"], atol=2e-5, rtol=0)
    torch.testing.assert_close(encoded.integrated, released["enc_out"], atol=2e-5, rtol=0)
    torch.testing.assert_close(encoded.attention, released["eval_scores"], atol=2e-5, rtol=0)


def test_the_middle_of_the_bidirectional_network_is_the_released_codes(full_size, windows, released):
    outputs, _ = full_size.encoder.gru_cur(windows)
    torch.testing.assert_close(outputs[:, 8], released["gru_cur_mid"], atol=2e-5, rtol=0)


def test_a_frame_repeated_gives_the_released_codes_attention(full_size, windows, released):
    repeated = windows[:, 3:4].expand(-1, 16, -1)
    attention = full_size.encoder(repeated).attention
    torch.testing.assert_close(attention, released["static_scores"], atol=2e-5, rtol=0)


def seen_by(branch: str, window: int) -> set[int]:
    """Return the frames of a window on which a branch depends."""
    torch.manual_seed(1)
    encoder = TemporalEncoder(feature_size=6, hidden_size=8, window=window)
    static = torch.randn(1, window, 6, requires_grad=True)
    getattr(encoder(static), branch).square().sum().backward()
    return set(static.grad[0].abs().sum(-1).nonzero()[:, 0].tolist())


@pytest.mark.parametrize("window", [3, 8, 16])
def test_forecasts_do_not_see_the_target_frame(window):
    """Paper, section 3.3: the past and the future branch are made without the current feature."""
    target = window // 2
    assert seen_by("past", window) == set(range(target))
    assert seen_by("future", window) == set(range(target + 1, window))
    assert seen_by("current", window) == set(range(window))


def test_the_future_is_read_backwards():
    """A future branch with the past's weights must say of a mirrored window what the past says."""
    torch.manual_seed(2)
    encoder = TemporalEncoder(feature_size=6, hidden_size=8, window=5)
    encoder.gru_aft.load_state_dict(encoder.gru_bef.state_dict())
    encoder.linear_aft.load_state_dict(encoder.linear_bef.state_dict())
    static = torch.randn(3, 5, 6)
    there, back = encoder(static), encoder(static.flip(1))
    torch.testing.assert_close(there.future, back.past)
    torch.testing.assert_close(there.past, back.future)


def test_the_integrated_feature_is_the_weighted_sum(encoded):
    weights = encoded.attention[..., None]
    expected = weights[:, 0] * encoded.past + weights[:, 1] * encoded.current + weights[:, 2] * encoded.future
    torch.testing.assert_close(encoded.integrated, expected)


@given(st.floats(0.1, 1e4), st.integers(0, 2**31))
def test_attention_is_bounded_whatever_the_weights(size, seed):
    torch.manual_seed(seed)
    integration = AttentionIntegration(feature_size=5, hidden_size=4)
    for parameter in integration.parameters():
        parameter.data.normal_(std=size)
    attention = integration(size * torch.randn(20, 3, 5))
    torch.testing.assert_close(attention.sum(-1), torch.ones(20))
    assert attention.min() >= LOWEST - 1e-6
    assert attention.max() <= HIGHEST + 1e-6


def test_the_bounds_are_those_of_the_documentation_and_can_be_reached():
    assert (round(LOWEST, 3), round(HIGHEST, 3)) == (0.063, 0.787)
    integration = AttentionIntegration(feature_size=5, hidden_size=4)
    integration.attention[-2].bias.data = torch.tensor([1e3, -1e3, -1e3])
    highest, low, _ = integration(torch.randn(1, 3, 5))[0].tolist()
    assert highest == pytest.approx(HIGHEST, abs=1e-6)
    integration.attention[-2].bias.data = torch.tensor([-1e3, 1e3, 1e3])
    assert integration(torch.randn(1, 3, 5))[0, 0].item() == pytest.approx(LOWEST, abs=1e-6)
    assert low < highest
