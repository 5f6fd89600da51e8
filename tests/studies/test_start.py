import torch
from torch import nn

from tcmr.model.ablation import Ablation, tcmr_with
from tcmr.model.tcmr import WHOLE_CLIP, TCMRConfig
from tcmr.studies.start import fit, start_from_present


def smooth_clips() -> torch.Tensor:
    """Make features that change slowly, so that neighbours tell of the present."""
    phase = 6 * torch.rand(30, 1, 4, generator=torch.Generator().manual_seed(0))
    return torch.sin(torch.arange(24)[None, :, None] / 6 + phase)


def config(window: int = 8) -> TCMRConfig:
    return TCMRConfig(feature_size=4, hidden_size=24, layers=2, window=window, regressor_size=7, dropout=0.0)


def test_a_fitted_layer_is_the_linear_map_that_made_the_outputs():
    generator = torch.Generator().manual_seed(0)
    inputs, truth = torch.randn(500, 6, generator=generator), torch.randn(3, 6, generator=generator)
    layer = nn.Linear(6, 3)
    fit(layer, inputs, inputs @ truth.T + 5)
    torch.testing.assert_close(layer.weight, truth, atol=5e-3, rtol=0)
    torch.testing.assert_close(layer.bias, torch.full((3,), 5.0), atol=5e-3, rtol=0)


def test_every_branch_starts_near_the_present_feature():
    torch.manual_seed(0)
    static = smooth_clips()
    for ablation in (Ablation(), Ablation(forecast_sees_target=True), Ablation(integration="concatenation")):
        network = tcmr_with(config(), ablation)
        start_from_present(network, static)
        windows = static[:, :8]
        features = network.encoder(windows)
        for branch in (features.past, features.current, features.future, features.integrated):
            error = (branch - windows[:, 4]).square().mean() / windows[:, 4].var()
            assert error < 0.3, ablation


def test_a_residual_connection_leaves_nothing_to_say():
    torch.manual_seed(0)
    network = tcmr_with(config(), Ablation(residual=True))
    start_from_present(network, smooth_clips())
    windows = smooth_clips()[:, :8]
    torch.testing.assert_close(network.encoder(windows).current, windows[:, 4], atol=1e-5, rtol=0)


def test_networks_without_windows_and_with_branches_missing_start_too():
    torch.manual_seed(0)
    static = smooth_clips()
    start_from_present(tcmr_with(config(WHOLE_CLIP), Ablation()), static)
    start_from_present(tcmr_with(config(), Ablation(forecast=False)), static)
    start_from_present(tcmr_with(config(), Ablation(bidirectional=False)), static)
