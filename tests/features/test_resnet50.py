"""ResNet-50 against the released code's features; its names, its blocks."""

from pathlib import Path

import numpy as np
import pytest
import torch

from parity import synth
from tcmr.features.resnet50 import FEATURE_SIZE, Bottleneck, ResNet50
from tcmr.features.resnet50_fast import FastResNet50

PARITY = Path(__file__).parents[1] / "parity"
CLOSE = {"atol": 1e-5, "rtol": 0}


@pytest.fixture(scope="module")
def network(spin_state) -> ResNet50:
    network = ResNet50()
    network.load_state_dict({name: spin_state[name] for name in network.state_dict()})
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.from_numpy(synth.images_norm("spin", 3))


@pytest.fixture(scope="module")
def released(images) -> torch.Tensor:
    with np.load(PARITY / "spin.npz") as arrays:
        np.testing.assert_allclose(images[0, :, 0, :8], arrays["image_head"], atol=1e-6)
        return torch.from_numpy(arrays["features"])


def test_features_are_the_released_codes(network, images, released):
    torch.testing.assert_close(network(images), released, **CLOSE)
    torch.testing.assert_close(FastResNet50(network)(images), released, **CLOSE)


def test_names_are_those_of_the_released_backbone(network, spin_state):
    regressor = ("fc1.", "fc2.", "decpose.", "decshape.", "deccam.", "init_")
    assert set(network.state_dict()) == {name for name in spin_state if not name.startswith(regressor)}


def test_pictures_of_other_sizes_have_features_too():
    torch.manual_seed(0)
    assert ResNet50().eval()(torch.randn(2, 3, 64, 96)).shape == (2, FEATURE_SIZE)


@pytest.mark.parametrize(("channels_in", "stride", "side"), [(16, 1, 7), (8, 1, 7), (8, 2, 4)])
def test_a_block_is_its_convolutions_plus_its_input(channels_in, stride, side):
    torch.manual_seed(0)
    block = Bottleneck(channels_in, 4, stride).eval()
    inputs = torch.randn(2, channels_in, 7, 7)
    kept = inputs.clone()
    maps = torch.relu(block.bn1(block.conv1(inputs)))
    maps = torch.relu(block.bn2(block.conv2(maps)))
    expected = torch.relu(block.bn3(block.conv3(maps)) + block.downsample(inputs))
    outputs = block(inputs)
    torch.testing.assert_close(outputs, expected)
    assert outputs.shape == (2, 16, side, side)
    assert torch.equal(inputs, kept)  # what is done in place is not done to the caller's maps
