"""BlazePose in PyTorch says what LiteRT says, before and after it has learned."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.assets import fetch
from tcmr.features.blazepose_model import read_without_segmentation, with_weights
from tcmr.features.crop import crop
from tcmr.people.network import Network
from tcmr.train.blazepose_network import BlazePoseNetwork, RawReading
from tcmr.types import Region
from tcmr.video.read import open_clip

FROZEN = 17


@pytest.fixture(scope="module")
def content() -> bytes:
    return read_without_segmentation(Path(fetch("blazepose-landmarks")))


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Crop a man out of two frames of the sample clip."""
    with open_clip(fetch("sample-clip")) as reader:
        frames = list(islice(reader, 44, 60, 15))
    return np.stack([crop(frame.rgb, Region((650.0, 270.0), 500.0, 0.1)) for frame in frames])


def as_tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2)


def assert_says_the_same(reading: RawReading, pictures: np.ndarray, content: bytes, rtol: float) -> None:
    network = Network(content)
    for row, picture in enumerate(pictures):
        landmarks, score, heatmaps, world, _ = network(picture)
        rows = landmarks.reshape(39, 5)
        for ours, theirs in (
            (reading.points_px, rows[:, :2]),
            (reading.beliefs, rows[:33, 3:]),
            (reading.score, score[0]),
            (reading.heatmaps, heatmaps.transpose(2, 0, 1)),
            (reading.world_m, world.reshape(39, 3)[:33]),
        ):
            np.testing.assert_allclose(
                ours[row].detach().numpy(), theirs, rtol=rtol, atol=rtol * np.abs(theirs).max()
            )


def test_it_reads_what_litert_reads(content, pictures):
    reading = BlazePoseNetwork(content)(as_tensor(pictures))
    assert reading.score.min() > 0.9
    assert_says_the_same(reading, pictures, content, rtol=1e-4)


def test_units_alone_change_nothing(content, pictures):
    network = BlazePoseNetwork(content)
    before = network(as_tensor(pictures))
    network.measure_units(as_tensor(pictures))
    torch.testing.assert_close(network(as_tensor(pictures)).points_px, before.points_px)


def test_what_it_learned_goes_back_into_the_file(content, pictures):
    network = BlazePoseNetwork(content, FROZEN)
    network.measure_units(as_tensor(pictures))
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.01 * torch.randn_like(parameter) * parameter.requires_grad
    learned = network.changed_weights()
    assert len(learned) == 2 * (len(network.convolutions) - FROZEN)
    changed = with_weights(content, {name: weight.half().numpy() for name, weight in learned.items()})
    reading = network(as_tensor(pictures))
    assert (reading.points_px - BlazePoseNetwork(content)(as_tensor(pictures)).points_px).abs().max() > 1
    assert_says_the_same(reading, pictures, changed, rtol=0.02)


def test_half_of_what_was_learned_lies_in_the_middle(content, pictures):
    network = BlazePoseNetwork(content, FROZEN)
    network.measure_units(as_tensor(pictures))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.01 * parameter.requires_grad
    none, half, whole = (network.changed_weights(share) for share in (0.0, 0.5, 1.0))
    own = BlazePoseNetwork(content, FROZEN).changed_weights()
    for name, tensor in half.items():
        torch.testing.assert_close(tensor, (none[name] + whole[name]) / 2)
        assert torch.equal(none[name], own[name])


def test_a_small_step_for_every_weight_is_a_small_step_for_the_reading(content, pictures):
    """Without units it would not be: some channels are thousands of times larger than others."""
    network = BlazePoseNetwork(content, FROZEN)
    network.measure_units(as_tensor(pictures))
    before = network(as_tensor(pictures)).points_px.detach()
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 1e-3 * torch.randn_like(parameter).sign() * parameter.requires_grad
    moved = (network(as_tensor(pictures)).points_px - before)[:, :33].norm(dim=-1)
    assert 0 < moved.mean() < 5
