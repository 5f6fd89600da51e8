"""The stages on tiny clips: they learn, resume exactly, and leave weights that load."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from tcmr.errors import TcmrError
from tcmr.model.predictor import load_model
from tcmr.model.weights import load_open_model
from tcmr.train.loop import train
from tcmr.train.stages import StaticStage, TemporalStage, stage_of

TEMPORAL = {"targets": 2, "velocity_weight": 5.0, "tcmr": {"hidden_size": 8, "layers": 1, "window": 6}}
WHOLE = {"frames": 7, "targets": 2, "tcmr": {"hidden_size": 8, "layers": 1, "window": 0}}


class Killed(Exception):
    """Stand for the end of a process."""


def killed_at(stage, step: int):
    """Let a stage's process end before a step."""
    whole, taken = stage.loss, []

    def loss(generator):
        if len(taken) == step:
            raise Killed
        taken.append(step)
        return whole(generator)

    stage.loss = loss
    return stage


def made(config, clips):
    torch.manual_seed(0)
    return stage_of(config, clips)


@pytest.fixture
def static_weights(config_of, clips):
    config = config_of("static", steps=1)
    train(made(config, clips), config)
    return config.run / "weights.safetensors"


@pytest.fixture
def temporal_config_of(config_of, static_weights):
    def make(run: str = "temporal", **settings):
        return config_of(
            run, stage="temporal", start_from=static_weights, **({"network": TEMPORAL} | settings)
        )

    return make


def mean_loss(stage, seeds: range) -> float:
    with torch.no_grad():
        return sum(stage.loss(torch.Generator().manual_seed(seed))[0].item() for seed in seeds) / len(seeds)


def test_the_static_stage_learns(config_of, clips):
    config = config_of(steps=25, batch=8, learning_rate=1e-2)
    stage = made(config, clips)
    before = mean_loss(stage, range(900, 903))
    figures = train(stage, config)
    assert mean_loss(stage, range(900, 903)) < 0.8 * before
    assert set(figures) == {"joints", "points", "pose", "shape", "image"}


def test_the_temporal_stage_learns(temporal_config_of, clips):
    config = temporal_config_of(steps=15, batch=4, learning_rate=1e-2)
    stage = made(config, clips)
    before = mean_loss(stage, range(900, 903))
    figures = train(stage, config)
    assert mean_loss(stage, range(900, 903)) < 0.9 * before
    assert {"acceleration", "speed_kept", "joints"} <= set(figures)


def test_a_model_without_windows_learns_too(temporal_config_of, clips):
    config = temporal_config_of(network=WHOLE, steps=15, batch=4, learning_rate=1e-2)
    stage = made(config, clips)
    before = mean_loss(stage, range(900, 903))
    train(stage, config)
    assert mean_loss(stage, range(900, 903)) < 0.9 * before


@pytest.mark.parametrize("kind", ["static", "temporal"])
def test_a_killed_run_goes_on_to_the_very_same_weights(kind, request, clips):
    maker = request.getfixturevalue("config_of" if kind == "static" else f"{kind}_config_of")
    whole, broken = maker("whole"), maker("broken")
    train(made(whole, clips), whole)
    with pytest.raises(Killed):
        train(killed_at(made(broken, clips), 3), broken)
    train(made(broken, clips), broken)
    expected = load_file(whole.run / "weights.safetensors")
    weights = load_file(broken.run / "weights.safetensors")
    assert all(torch.equal(weights[name], expected[name]) for name in expected)


def test_the_static_stages_weights_load_without_a_temporal_model(static_weights):
    model = load_open_model(static_weights)
    assert model.tcmr is None
    assert model.frame_model.config["feature_size"] == 12


def test_the_temporal_stages_weights_are_the_product(temporal_config_of, clips, static_weights):
    config = temporal_config_of(steps=2)
    figures = train(made(config, clips), config)
    path = config.run / "weights.safetensors"
    predictor = load_model(path)
    assert predictor.tcmr.config.window == 6
    assert len(predictor.predict(torch.rand(9, 12).numpy())) == 9
    frozen, before = load_open_model(path).frame_model, load_open_model(static_weights).frame_model
    for name, tensor in frozen.state_dict().items():
        assert torch.equal(tensor, before.state_dict()[name]), name
    with safe_open(path, "pt") as file:
        provenance = json.loads(file.metadata()["provenance"])
    assert provenance["validation"] == figures
    assert provenance["config"]["stage"] == "temporal"


def test_the_temporal_stage_needs_the_static_stages_weights(config_of, clips, tmp_path):
    with pytest.raises(TcmrError, match="start_from"):
        stage_of(config_of(stage="temporal", network=TEMPORAL), clips)
    with pytest.raises(TcmrError, match=r"gone\.safetensors"):
        stage_of(
            config_of(stage="temporal", start_from=tmp_path / "gone.safetensors", network=TEMPORAL), clips
        )


def test_the_configuration_names_the_stage(config_of, temporal_config_of, clips):
    assert isinstance(stage_of(config_of(), clips), StaticStage)
    assert isinstance(stage_of(temporal_config_of(), clips), TemporalStage)


def test_a_stage_begins_with_earlier_weights_of_its_own(temporal_config_of, clips, static_weights):
    earlier = temporal_config_of("windows", steps=1)
    train(made(earlier, clips), earlier)
    weights = earlier.run / "weights.safetensors"
    stage = stage_of(temporal_config_of(network=WHOLE, begin_with=weights), clips)
    before = load_open_model(weights).tcmr
    for name, tensor in stage.network.state_dict().items():
        assert torch.equal(tensor, before.state_dict()[name]), name
    with pytest.raises(TcmrError, match="lacks"):
        stage_of(temporal_config_of(network=WHOLE, begin_with=static_weights), clips)


def test_velocity_counts_by_its_weight(temporal_config_of, clips):
    losses = []
    for weight in (0.0, 5.0):
        config = temporal_config_of(network=TEMPORAL | {"velocity_weight": weight})
        loss, terms = made(config, clips).loss(torch.Generator().manual_seed(1))
        losses.append(loss.item())
    assert losses[1] - losses[0] == pytest.approx(5 * terms["velocity"].item(), rel=1e-3)


def test_every_branch_is_trained(temporal_config_of, clips):
    """Paper, section 3.5: past, future and integrated are each compared with the target."""
    stage = made(temporal_config_of(), clips)
    stage.network.train()
    loss, _ = stage.loss(torch.Generator().manual_seed(1))
    loss.backward()
    for name, parameter in stage.network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        if name.startswith("encoder.gru") and "weight_ih" in name:
            assert parameter.grad.abs().sum() > 0, name
    assert all(parameter.grad is None for parameter in stage.frame_model.parameters())
