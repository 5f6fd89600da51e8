"""Dropout over processes: the parts are the whole, and it is dropout."""

import pytest
import torch
from torch import nn

from tcmr.train.dropout import SharedDropout, share_dropout


@pytest.mark.parametrize("processes", [2, 4])
def test_parts_drop_what_the_whole_drops(processes):
    values = torch.randn(8, 5)
    torch.manual_seed(3)
    whole = SharedDropout(0.5, 0, 1)(values)
    for rank in range(processes):
        torch.manual_seed(3)
        part = SharedDropout(0.5, rank, processes)(values[rank::processes])
        assert torch.equal(part, whole[rank::processes])


def test_it_drops_the_share_asked_for_and_keeps_the_mean():
    torch.manual_seed(0)
    dropped = SharedDropout(0.2, 0, 1)(torch.ones(1000, 100))
    assert (dropped == 0).float().mean().item() == pytest.approx(0.2, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.01)
    assert set(dropped.unique().tolist()) == {0.0, 1.25}


def test_evaluation_and_probability_zero_keep_everything():
    values = torch.randn(4, 3)
    assert SharedDropout(0.5, 0, 1).eval()(values) is values
    assert SharedDropout(0.0, 0, 1)(values) is values


def test_every_dropout_of_a_network_is_replaced():
    network = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.3), nn.Tanh()), nn.Dropout(0.1))
    share_dropout(network, 1, 2)
    assert not any(isinstance(module, nn.Dropout) for module in network.modules())
    shared = [module for module in network.modules() if isinstance(module, SharedDropout)]
    assert [module.probability for module in shared] == [0.3, 0.1]
    assert {(module.rank, module.processes) for module in shared} == {(1, 2)}
