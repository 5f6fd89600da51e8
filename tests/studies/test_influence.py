"""Influence, where the network's structure says what it must be."""

import pytest
import torch

from tcmr.model.ablation import Ablation, tcmr_with
from tcmr.model.tcmr import TCMR, TCMRConfig
from tcmr.studies.influence import influence

SMALL = TCMRConfig(feature_size=6, hidden_size=5, layers=2, window=8, regressor_size=7, dropout=0.0)
TARGET = 4


def shares(network: TCMR) -> torch.Tensor:
    windows = torch.randn(20, 8, 6, generator=torch.Generator().manual_seed(1))
    return influence(network, windows, torch.Generator().manual_seed(2))


def network_of(ablation: Ablation) -> TCMR:
    torch.manual_seed(0)
    network = tcmr_with(SMALL, ablation)
    for head in (network.regressor.decpose, network.regressor.decshape, network.regressor.deccam):
        torch.nn.init.normal_(head.weight, std=0.1)
    return network


@pytest.mark.parametrize("residual", [True, False])
def test_shares_sum_to_one(residual):
    found = shares(network_of(Ablation(residual=residual)))
    assert found.shape == (8,)
    assert found.sum().item() == pytest.approx(1)
    assert (found >= 0).all()


def test_without_the_bidirectional_branch_the_present_has_no_influence():
    found = shares(network_of(Ablation(bidirectional=False)))
    assert found[TARGET] == 0
    assert (found[:TARGET] > 0).all()
    assert (found[TARGET + 1 :] > 0).all()


def test_where_only_the_residual_is_left_the_present_has_it_all():
    network = network_of(Ablation(residual=True, forecast=False))
    torch.nn.init.zeros_(network.encoder.linear_cur.weight)
    found = shares(network)
    assert found[TARGET].item() == pytest.approx(1)
