"""Whole sequences at once against window by window."""

from dataclasses import fields

import pytest
import torch

from tcmr.model.encoder import TemporalEncoder, TemporalFeatures
from tcmr.model.products import PackedProduct
from tcmr.model.sequence import encode_sequence


def encoder_of(layers: int, window: int) -> TemporalEncoder:
    torch.manual_seed(layers)
    return TemporalEncoder(feature_size=6, hidden_size=8, layers=layers, window=window).double()


def window_by_window(encoder: TemporalEncoder, static: torch.Tensor) -> TemporalFeatures:
    windows = static.unfold(1, encoder.window, 1).transpose(-1, -2)
    encoded = encoder(windows.flatten(0, 1))
    grid = windows.shape[:2]
    return TemporalFeatures(*(getattr(encoded, f.name).unflatten(0, grid) for f in fields(encoded)))


@pytest.mark.parametrize(("layers", "window"), [(1, 16), (2, 16), (3, 5), (2, 3)])
@pytest.mark.parametrize("more_frames", [0, 1, 9])
def test_a_sequence_is_its_windows(layers, window, more_frames):
    encoder = encoder_of(layers, window)
    static = torch.randn(2, window + more_frames, 6, dtype=torch.float64)
    whole, parts = encode_sequence(encoder, static), window_by_window(encoder, static)
    for field in fields(TemporalFeatures):
        torch.testing.assert_close(getattr(whole, field.name), getattr(parts, field.name), msg=field.name)


@pytest.mark.parametrize("frames", [16, 19, 300])
def test_packed_weights_give_the_same(frames):
    encoder, static = encoder_of(2, 16).float(), torch.randn(1, frames, 6)
    with torch.no_grad():
        packed, plain = encode_sequence(encoder, static, PackedProduct()), encode_sequence(encoder, static)
    torch.testing.assert_close(packed.integrated, plain.integrated, atol=1e-6, rtol=1e-5)


def test_its_gradients_are_those_of_the_windows():
    static = torch.randn(2, 20, 6, dtype=torch.float64)
    gradients = []
    for encode in (encode_sequence, window_by_window):
        encoder = encoder_of(2, 16)
        encoded = encode(encoder, static)
        (encoded.integrated.square().sum() + (encoded.past * encoded.future).sum()).backward()
        gradients.append({name: parameter.grad for name, parameter in encoder.named_parameters()})
    torch.testing.assert_close(*gradients)


def test_it_is_the_released_code_at_full_size(full_size, sequence, released_sequence):
    """Frames 8 to 32 of forty: those whose windows lie inside the clip."""
    estimate, attention = full_size.forward_sequence(sequence)
    theta = released_sequence["theta"][8:33]
    torch.testing.assert_close(attention[0], released_sequence["scores"][8:33], atol=2e-5, rtol=0)
    torch.testing.assert_close(estimate.camera[0], theta[:, :3], atol=2e-5, rtol=0)
    torch.testing.assert_close(estimate.betas[0], theta[:, 75:], atol=2e-5, rtol=0)
