"""The loop: schedule, log, and runs that are killed and go on as if they had not been."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from tcmr.errors import TcmrError
from tcmr.train.loop import join, schedule, seeded, train
from tcmr.train.settings import plain_settings


class Killed(Exception):
    """Stand for the end of a process."""


class LineFit:
    """Fit a line through noisy points, with dropout, so that all randomness of a run is in play."""

    def __init__(self, die_at: int | None = None):
        torch.manual_seed(0)
        self.network = nn.Sequential(nn.Linear(3, 16), nn.Dropout(0.2), nn.Linear(16, 1))
        self.die_at, self.steps, self.validations = die_at, 0, 0

    def loss(self, generator):
        if self.steps == self.die_at:
            raise Killed
        self.steps += 1
        assert self.network.training
        x = torch.randn(32, 3, generator=generator)
        y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.1 * torch.randn(32, 1, generator=generator)
        error = (self.network(x) - y).square().mean()
        return error, {"error": error}

    def validate(self):
        assert not self.network.training
        self.validations += 1
        x = torch.randn(100, 3, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            return {
                "error": (self.network(x) - x @ torch.tensor([[1.0], [-2.0], [0.5]])).square().mean().item()
            }

    def save(self, path, provenance):
        save_file(self.network.state_dict(), path, {"provenance": json.dumps(provenance)})


def weights_of(run: Path) -> dict[str, torch.Tensor]:
    return load_file(run / "weights.safetensors")


def log_of(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def test_a_run_learns_and_leaves_its_files(config_of):
    config = config_of(steps=200, learning_rate=0.02, validate_every=50)
    before = LineFit()
    before.network.eval()
    stage = LineFit()
    figures = train(stage, config)
    assert figures["error"] < 0.05 * before.validate()["error"]
    assert sorted(path.name for path in config.run.iterdir()) == [
        "checkpoint.pt",
        "log.jsonl",
        "record.json",
        "weights.safetensors",
    ]
    rows = log_of(config.run)
    assert [row["step"] for row in rows] == [50, 100, 100, 150, 200, 200]
    assert [row["step"] for row in rows if "loss" in row] == [100, 200]
    assert rows[-1] == {"step": 200} | figures
    assert stage.validations == 4
    assert not stage.network.training


def test_the_record_tells_how_to_repeat_the_run(config_of):
    config = config_of(steps=3, seed=7)
    train(LineFit(), config)
    record = json.loads((config.run / "record.json").read_text())
    assert record["config"]["seed"] == 7
    assert record["config"]["motion"] == str(config.motion)
    assert record["revision"]
    assert {"tcmr", "torch", "numpy"} == set(record["versions"])


@pytest.mark.parametrize("die_at", [1, 5, 11])
def test_a_killed_run_goes_on_to_the_very_same_weights(config_of, die_at):
    whole, killed = (config_of(name, steps=12, checkpoint_every=4) for name in ("whole", "killed"))
    train(LineFit(), whole)
    with pytest.raises(Killed):
        train(LineFit(die_at), killed)
    assert not (killed.run / "weights.safetensors").exists()
    resumed = LineFit()
    train(resumed, killed)
    assert resumed.steps == 12 - die_at // 4 * 4
    expected, weights = weights_of(whole.run), weights_of(killed.run)
    assert all(torch.equal(weights[name], expected[name]) for name in expected)


def test_a_finished_run_that_is_started_again_keeps_its_weights(config_of):
    config = config_of(steps=5)
    figures = train(LineFit(), config)
    expected = weights_of(config.run)
    again = LineFit()
    assert train(again, config) == figures
    assert again.steps == 0
    assert all(torch.equal(tensor, expected[name]) for name, tensor in weights_of(config.run).items())


def test_a_folder_of_another_run_is_not_continued(config_of):
    config = config_of(steps=5)
    train(LineFit(), config)
    expected, record = weights_of(config.run), (config.run / "record.json").read_bytes()
    for changes, names in (
        ({"seed": 2, "learning_rate": 1e-4}, "learning_rate, seed"),
        ({"steps": 4}, "steps"),
        ({"network": {"layers": 2}}, "network"),
    ):
        with pytest.raises(TcmrError, match=f"run holds a run with another {names}; .* --run"):
            train(LineFit(), replace(config, **changes))
    assert all(torch.equal(tensor, expected[name]) for name, tensor in weights_of(config.run).items())
    assert (config.run / "record.json").read_bytes() == record


def test_a_run_goes_on_for_longer_and_elsewhere_and_its_record_says_so(config_of):
    config = config_of(steps=5)
    train(LineFit(), config)
    moved = config.run.rename(config.run.with_name("moved"))
    longer, stage = replace(config, run=moved, rendered=moved, steps=8, validate_every=4), LineFit()
    train(stage, longer)
    assert stage.steps == 3
    record = json.loads((moved / "record.json").read_text())
    assert record["config"] == plain_settings(longer)
    with safe_open(moved / "weights.safetensors", "pt") as weights:
        assert json.loads(weights.metadata()["provenance"])["config"]["steps"] == 8


def test_another_seed_gives_other_weights(config_of):
    runs = [config_of(f"seed{seed}", steps=3, seed=seed) for seed in (0, 1)]
    for config in runs:
        train(LineFit(), config)
    assert not torch.equal(weights_of(runs[0].run)["0.weight"], weights_of(runs[1].run)["0.weight"])


def test_frozen_parameters_stay(config_of):
    stage = LineFit()
    stage.network[0].requires_grad_(False)
    before = stage.network[0].weight.clone()
    train(stage, config_of(steps=5))
    assert torch.equal(stage.network[0].weight, before)


def test_the_learning_rate_warms_up_and_falls_to_a_hundredth(config_of):
    config = config_of(steps=1000, warmup_steps=10)
    factors = [schedule(step, config) for step in range(1000)]
    assert factors[0] == pytest.approx(0.1, rel=1e-3)
    assert factors[9] == pytest.approx(1, abs=1e-3)
    assert max(factors) <= 1
    assert all(later <= earlier for earlier, later in pairwise(factors[10:]))
    assert factors[500] == pytest.approx(0.505, abs=1e-3)
    assert factors[-1] == pytest.approx(0.01, abs=1e-3)


def test_every_step_has_its_own_randomness():
    draws = {torch.rand(1, generator=seeded(seed, step)).item() for seed in range(3) for step in range(10)}
    assert len(draws) == 30
    seeded(1, 2)
    dropout = torch.rand(1)
    seeded(1, 2)
    assert torch.equal(dropout, torch.rand(1))


def test_parts_of_a_batch_are_joined_by_their_shares():
    parts = [
        {"a": torch.tensor(1.0), "b": torch.tensor(2.0)},
        {"a": torch.tensor(5.0), "b": torch.tensor(0.0)},
    ]
    joined = join(parts, [0.25, 0.75])
    assert {name: term.item() for name, term in joined.items()} == {"a": 4.0, "b": 0.5}
