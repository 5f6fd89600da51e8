"""The encoder over whole clips against its networks run by hand."""

import pytest
import torch

from tcmr.model.encoder import TemporalEncoder
from tcmr.model.tcmr import TCMR, WHOLE_CLIP, TCMRConfig
from tcmr.model.whole_clip import encode_whole_clip


def encoder_of() -> TemporalEncoder:
    torch.manual_seed(0)
    return TemporalEncoder(feature_size=6, hidden_size=8, layers=2, window=WHOLE_CLIP).double()


def clip_of(frames: int) -> torch.Tensor:
    return torch.randn(2, frames, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("target", [1, 4, 7])
def test_a_frame_inside_a_clip_is_a_window_of_all_its_frames(target):
    encoder, clip = encoder_of(), clip_of(9)
    whole = encode_whole_clip(encoder, clip)
    encoder.target = target
    window = encoder(clip)
    torch.testing.assert_close(whole.past[:, target], window.past)
    torch.testing.assert_close(whole.current[:, target], window.current)
    torch.testing.assert_close(whole.future[:, target], window.future)
    torch.testing.assert_close(whole.integrated[:, target], window.integrated)
    torch.testing.assert_close(whole.attention[:, target], window.attention)


def test_past_and_future_never_see_the_target():
    encoder, clip = encoder_of(), clip_of(7).requires_grad_()
    whole = encode_whole_clip(encoder, clip)
    (gradient,) = torch.autograd.grad(whole.past[:, 3].sum(), clip, retain_graph=True)
    seen = gradient.abs().sum((0, 2)) > 0
    assert seen.tolist() == [True, True, True, False, False, False, False]
    (gradient,) = torch.autograd.grad(whole.future[:, 3].sum(), clip)
    seen = gradient.abs().sum((0, 2)) > 0
    assert seen.tolist() == [False, False, False, False, True, True, True]


def test_the_ends_have_a_state_of_zero():
    encoder, clip = encoder_of(), clip_of(5)
    whole = encode_whole_clip(encoder, clip)
    torch.testing.assert_close(whole.past[:, 0], encoder.linear_bef.bias.expand(2, -1))
    torch.testing.assert_close(whole.future[:, -1], encoder.linear_aft.bias.expand(2, -1))


@pytest.mark.parametrize("window", [16, WHOLE_CLIP])
@pytest.mark.parametrize("frames", [1, 2, 20])
def test_every_frame_of_a_clip_gets_an_estimate(window, frames):
    torch.manual_seed(0)
    tcmr = TCMR(TCMRConfig(feature_size=6, hidden_size=8, window=window, regressor_size=4)).eval()
    estimate, attention = tcmr.forward_clips(clip_of(frames).float())
    assert estimate.rotmat.shape == (2, frames, 24, 3, 3)
    torch.testing.assert_close(attention.sum(-1), torch.ones(2, frames))
