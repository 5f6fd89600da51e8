import pytest
import torch

from tcmr.model.regressor import Regressor
from tcmr.model.weights import load_open_model
from tcmr.studies.compact import CompactFeatures, rewritten


@pytest.fixture(scope="module")
def features() -> torch.Tensor:
    """Make features that vary in six directions only."""
    generator = torch.Generator().manual_seed(0)
    return 2 + torch.randn(200, 6, generator=generator) @ torch.randn(6, 512, generator=generator)


def test_a_rewritten_regressor_says_the_same_of_components():
    torch.manual_seed(0)
    regressor = Regressor(10, 12, dropout=0.0)
    mean, basis, components = torch.randn(10), torch.randn(4, 10), torch.randn(5, 4)
    short = rewritten(regressor, mean, basis)(components)
    full = regressor(mean + components @ basis)
    torch.testing.assert_close(short.rotmat, full.rotmat)
    torch.testing.assert_close(short.betas, full.betas)
    torch.testing.assert_close(short.camera, full.camera)


def test_enough_components_lose_nothing(features):
    frame_model = load_open_model().frame_model
    compact = CompactFeatures.of(frame_model, features, components=6)
    components = compact.reduce(features)
    torch.testing.assert_close(compact.mean + components @ compact.basis, features, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(
        compact.regressor(components).rotmat, frame_model.regressor(features).rotmat, atol=1e-3, rtol=1e-3
    )


def test_components_are_of_unit_size_and_the_strongest_come_first(features):
    compact = CompactFeatures.of(load_open_model().frame_model, features, components=6)
    strengths = compact.reduce(features).square().mean(0)
    assert strengths.mean().item() == pytest.approx(1, rel=1e-3)
    assert (strengths.diff() <= 1e-4).all()
