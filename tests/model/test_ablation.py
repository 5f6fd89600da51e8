"""Ablations: each differs from the paper's TCMR in just what it says."""

import numpy as np
import pytest
import torch

from tcmr.errors import TcmrError
from tcmr.model.ablation import AblatedEncoder, AblatedTCMR, Ablation, load_ablated, save_ablated, tcmr_with
from tcmr.model.checkpoint import convert_checkpoint
from tcmr.model.encoder import TemporalEncoder
from tcmr.model.predictor import load_model
from tcmr.model.tcmr import TCMRConfig
from tcmr.model.weights import load_open_model

SMALL = TCMRConfig(feature_size=12, hidden_size=10, layers=2, window=16, regressor_size=8, dropout=0.0)
TARGET = 8


@pytest.fixture
def paper() -> TemporalEncoder:
    torch.manual_seed(0)
    return tcmr_with(SMALL, Ablation()).encoder


def ablated(paper: TemporalEncoder, **what: bool) -> AblatedEncoder:
    """Undo a part of an encoder; what is left has the same weights."""
    encoder = AblatedEncoder(SMALL, Ablation(**what))
    encoder.load_state_dict({name: paper.state_dict()[name] for name in encoder.state_dict()})
    return encoder


@pytest.fixture
def static() -> torch.Tensor:
    return torch.randn(3, 16, 12, generator=torch.Generator().manual_seed(1))


def changed(encoder, static, frame: int) -> dict[str, bool]:
    """Tell which features a frame has an influence on."""
    other = static.clone()
    other[:, frame] += 1.0
    before, after = encoder(static), encoder(other)
    return {name: not torch.equal(getattr(before, name), getattr(after, name)) for name in ("past", "future")}


def test_nothing_undone_is_the_papers(paper, static):
    assert type(paper) is TemporalEncoder
    same = ablated(paper)
    assert torch.equal(same(static).integrated, paper(static).integrated)


def test_the_residual_adds_the_targets_static_feature(paper, static):
    with_residual = ablated(paper, residual=True)(static)
    torch.testing.assert_close(with_residual.current, paper(static).current + static[:, TARGET])
    assert torch.equal(with_residual.past, paper(static).past)


def test_forecast_sees_the_target_only_where_it_is_said(paper, static):
    assert changed(paper, static, TARGET) == {"past": False, "future": False}
    seeing = ablated(paper, forecast_sees_target=True)
    assert changed(seeing, static, TARGET) == {"past": True, "future": True}
    assert changed(seeing, static, TARGET + 1) == {"past": False, "future": True}
    assert changed(seeing, static, TARGET - 1) == {"past": True, "future": False}


def test_without_forecast_only_the_current_branch_is_left(paper, static):
    encoder = ablated(paper, forecast=False)
    features = encoder(static)
    assert torch.equal(features.integrated, paper(static).current)
    assert features.attention.tolist() == [[0.0, 1.0, 0.0]] * 3
    assert not any("bef" in name or "aft" in name or "attention" in name for name in encoder.state_dict())
    features.integrated.sum().backward()
    assert all(parameter.grad is not None for parameter in encoder.parameters())


@pytest.fixture(params=[{"residual": True}, {"forecast": False}, {"forecast_sees_target": True}], ids=str)
def undone(request) -> AblatedTCMR:
    torch.manual_seed(0)
    tcmr = tcmr_with(SMALL, Ablation(**request.param)).eval()
    assert isinstance(tcmr, AblatedTCMR)
    return tcmr


def test_clips_are_their_windows(undone, static):
    clip = torch.cat([static[:1], static[1:2, :4]], 1)
    estimate, attention = undone.forward_sequence(clip)
    for target in range(5):
        alone, weights = undone(clip[:, target : target + 16])
        torch.testing.assert_close(estimate.betas[:, target], alone.betas)
        torch.testing.assert_close(attention[:, target], weights)


def test_files_bring_back_the_same_network(tmp_path, undone, static):
    save_ablated(tmp_path / "a.safetensors", undone, {"run": "test"})
    again = load_ablated(tmp_path / "a.safetensors")
    assert torch.equal(again(static)[0].rotmat, undone(static)[0].rotmat)


def test_an_ablation_is_loaded_for_what_it_is(tmp_path, undone, static, smpl_folder):
    path = tmp_path / "a.safetensors"
    save_ablated(path, undone, {})
    motion = load_model(path, smpl_folder).predict(static[0].numpy())
    estimate, attention = undone(static[:1])
    np.testing.assert_allclose(motion.rotmat[TARGET], estimate.rotmat[0].detach(), atol=1e-6)
    np.testing.assert_allclose(motion.attention[TARGET], attention[0].detach(), atol=1e-6)
    with pytest.raises(TcmrError, match="are for SMPL"):
        load_model(path)


def test_an_ablation_does_not_pass_for_a_tcmr_nor_a_tcmr_for_an_ablation(tmp_path, undone, untrained):
    save_ablated(tmp_path / "a.safetensors", undone, {})
    with pytest.raises(TcmrError, match="an ablation of TCMR, not an authors' checkpoint"):
        convert_checkpoint(tmp_path / "a.safetensors", tmp_path / "b.safetensors")
    with pytest.raises(TcmrError, match="no open TCMR weights"):
        load_open_model(tmp_path / "a.safetensors")
    with pytest.raises(TcmrError, match="no ablation of TCMR"):
        load_ablated(untrained)


def test_without_the_bidirectional_branch_nobody_sees_the_target(paper, static):
    torch.manual_seed(0)
    encoder = AblatedEncoder(SMALL, Ablation(bidirectional=False))
    other = static.clone()
    other[:, TARGET] += 1.0
    before, after = encoder(static), encoder(other)
    assert torch.equal(before.integrated, after.integrated)
    assert torch.equal(before.attention[:, 1], torch.zeros(3))
    torch.testing.assert_close(before.attention.sum(-1), torch.ones(3))
    assert not hasattr(encoder, "gru_cur")


def test_the_mean_is_the_mean_of_the_branches(paper, static):
    encoder = AblatedEncoder(SMALL, Ablation(integration="mean"))
    encoder.load_state_dict({name: paper.state_dict()[name] for name in encoder.state_dict()})
    out, joined = paper(static), encoder(static).integrated
    torch.testing.assert_close(joined, (out.past + out.current + out.future) / 3)


def test_concatenation_is_a_linear_layer_on_all_branches(paper, static):
    encoder = AblatedEncoder(SMALL, Ablation(integration="concatenation"))
    size = SMALL.feature_size
    with torch.no_grad():
        encoder.joined.weight.copy_(torch.cat([0 * torch.eye(size), torch.eye(size), 2 * torch.eye(size)], 1))
        encoder.joined.bias.fill_(1.0)
    out = encoder(static)
    torch.testing.assert_close(out.integrated, out.current + 2 * out.future + 1)
    assert torch.equal(out.attention, torch.zeros(3, 3))


@pytest.mark.parametrize(
    "wrong", [{"forecast": False, "bidirectional": False}, {"residual": True, "bidirectional": False}]
)
def test_what_leaves_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="without bidirectional"):
        Ablation(**wrong)
