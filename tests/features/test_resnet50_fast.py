"""The fast form of ResNet-50 against the plain one, with oneDNN and without."""

import pytest
import torch
from torch import nn

from tcmr.features import resnet50_fast
from tcmr.features.resnet50 import ResNet50
from tcmr.features.resnet50_fast import FastResNet50

CLOSE = {"atol": 1e-5, "rtol": 0}


@pytest.fixture(scope="module")
def network() -> ResNet50:
    """Make a network whose normalisations are far from doing nothing."""
    torch.manual_seed(0)
    network = ResNet50()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.3, 1.2)
            module.bias.data.normal_(std=0.2)
            module.running_mean.normal_(std=0.2)
            module.running_var.uniform_(0.5, 2)
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn(3, 3, 224, 224, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def features(network, images) -> torch.Tensor:
    features = network(images)
    assert features.std() > 0.05  # there is something to compare
    return features


@pytest.mark.parametrize("one_pass", [True, False])
@pytest.mark.parametrize("memory_format", [torch.channels_last, torch.contiguous_format])
def test_features_are_those_of_the_plain_network(
    network, images, features, one_pass, memory_format, monkeypatch
):
    monkeypatch.setattr(resnet50_fast, "_ONE_PASS", one_pass and resnet50_fast._ONE_PASS)
    given = images.clone(memory_format=memory_format)
    torch.testing.assert_close(FastResNet50(network)(given), features, **CLOSE)
    assert torch.equal(given, images)


def test_a_picture_alone_gives_the_same(network, images, features):
    torch.testing.assert_close(FastResNet50(network)(images[2:]), features[2:], **CLOSE)


def test_the_plain_network_stays_as_it_was(network):
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    fast = FastResNet50(network)
    assert not fast.training
    assert not list(fast.parameters())
    after = network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
