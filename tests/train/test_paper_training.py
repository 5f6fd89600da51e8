"""Training as in the paper, on small made-up databases: what it learns, keeps, logs; kills and several processes."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric

from synthetic_store import ONLY_2D, write_store
from tcmr.body import BodyModel
from tcmr.data.store import FeatureStore
from tcmr.errors import TcmrError
from tcmr.evaluate.labelled_store import StoreTest
from tcmr.model.ablation import Ablation, load_ablated
from tcmr.model.checkpoint import load_checkpoint
from tcmr.model.regressor import Regressor
from tcmr.model.spin import load_spin
from tcmr.model.tcmr import TCMRConfig
from tcmr.stages import Stages
from tcmr.train.paper_config import Adversarial, PaperConfig
from tcmr.train.paper_loop import PaperTraining
from tcmr.train.paper_losses import PaperLossWeights
from tcmr.train.paper_network import start_from_spin
from tcmr.train.run_log import read_log

NETWORK = TCMRConfig(feature_size=24, hidden_size=8, layers=1, window=16, regressor_size=16)
ADVERSARIAL = Adversarial("full", clips=4, frames=6, hidden_size=8, layers=1)


@pytest.fixture(scope="session")
def stores(tmp_path_factory, open_body) -> Path:
    """Write a 2D and a 3D database and one to validate on."""
    folder = tmp_path_factory.mktemp("stores")
    write_store(folder / "flat", open_body, (40, 30), ONLY_2D, seed=1)
    write_store(folder / "full", open_body, (60, 34), seed=2)
    write_store(folder / "held_out", open_body, (20, 18), seed=3)
    return folder


@pytest.fixture
def config(tmp_path, stores) -> PaperConfig:
    return PaperConfig(
        stage="paper",
        run=tmp_path / "run",
        data=stores,
        body="open",
        train_2d=("flat",),
        train_3d=("full",),
        validation="held_out",
        epochs=2,
        stride=1,
        batch=10,
        steps_per_epoch=4,
        learning_rate=1e-3,
        checkpoint_every=3,
        log_every=1,
        device="cpu",
        threads=1,
        network=NETWORK,
    )


def training(config: PaperConfig, body: BodyModel) -> PaperTraining:
    fabric = Fabric(accelerator="cpu", devices=1, precision=config.precision)
    test = StoreTest(FeatureStore.open(config.data / config.validation), body)
    return PaperTraining(config, fabric, test.score)


def train(config: PaperConfig, body: BodyModel) -> dict[str, float]:
    return training(config, body).go(Stages())


def rows(config: PaperConfig, kind: str) -> list[dict]:
    return [row for row in read_log(config.run) if row["kind"] == kind]


def test_a_run_learns(config, open_body):
    config = replace(config, epochs=2, steps_per_epoch=25, learning_rate=1e-2)
    figures = train(config, open_body)
    losses = [row["loss"] for row in rows(config, "train")]
    assert len(losses) == 50
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    scores = [row["pa_mpjpe_mm"] for row in rows(config, "validation")]
    assert figures["pa_mpjpe_mm"] == min(scores)


def test_the_folder_says_everything_needed_to_repeat_the_run(config, open_body):
    train(config, open_body)
    assert {path.name for path in config.run.iterdir()} == {
        "best.safetensors",
        "checkpoint.pt",
        "log.jsonl",
        "record.json",
        "tensorboard",
    }
    record = json.loads((config.run / "record.json").read_text())
    assert record["config"]["network"]["hidden_size"] == 8
    assert record["config"]["train_2d"] == ["flat"]
    assert record["data"]["full"]["frames"] == 94
    assert record["revision"]
    assert {"tcmr", "torch", "numpy", "lightning-fabric", "tensorboard"} == set(record["versions"])
    assert list((config.run / "tensorboard").iterdir())


def test_the_log_has_every_term_of_every_step_and_every_validation(config, open_body):
    train(config, open_body)
    steps = rows(config, "train")
    assert [row["step"] for row in steps] == list(range(1, 9))
    terms = ("keypoints", "joints", "pose", "shape")
    for row in steps:
        assert row["loss"] == pytest.approx(sum(row[name] for name in terms))
    validations = rows(config, "validation")
    assert [row["step"] for row in validations] == [4, 8]
    assert {"pa_mpjpe_mm", "mpjpe_mm", "mpvpe_mm", "accel_mm", "learning_rate"} <= validations[0].keys()


def test_the_best_epochs_weights_are_kept(config, open_body):
    """The validation is made to say that the first epoch was the best."""
    scores = iter([50.0, 70.0, 60.0])
    run = training(replace(config, epochs=3), open_body)
    seen = []

    def validate(tcmr):
        seen.append({name: tensor.clone() for name, tensor in tcmr.state_dict().items()})
        assert not tcmr.training
        return {"pa_mpjpe_mm": next(scores)}

    run.validate = validate
    assert run.go(Stages()) == {"pa_mpjpe_mm": 50.0}
    kept = load_checkpoint(config.run / "best.safetensors").tcmr.state_dict()
    assert all(torch.equal(kept[name], tensor) for name, tensor in seen[0].items())
    assert not torch.equal(kept["encoder.linear_cur.weight"], seen[2]["encoder.linear_cur.weight"])


def test_the_learning_rate_falls_when_validation_does_not_improve(config, open_body):
    run = training(replace(config, epochs=5, steps_per_epoch=1, patience=1), open_body)
    run.validate = lambda tcmr: {"pa_mpjpe_mm": 50.0}
    run.go(Stages())
    rates = [row["learning_rate"] for row in rows(config, "validation")]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-3, 1e-4, 1e-4])


def test_the_regressor_starts_from_spins(spin_checkpoint):
    regressor, spin = Regressor(), load_spin(spin_checkpoint).regressor
    start_from_spin(regressor, spin_checkpoint)
    for name, tensor in spin.state_dict().items():
        assert torch.equal(regressor.state_dict()[name], tensor)


def test_a_regressor_of_other_sizes_cannot_start_from_spins(config, open_body, spin_checkpoint):
    with pytest.raises(TcmrError, match=r"fc1\.weight is \[1024, 2205\], not \[16, 181\]"):
        training(replace(config, start_from=spin_checkpoint), open_body)


def test_bodies_that_do_not_count_leave_no_trace(config, open_body):
    train(replace(config, without_body=("full",)), open_body)
    assert all(row["pose"] == row["shape"] == 0 < row["joints"] for row in rows(config, "train"))


def test_without_2d_databases_it_trains(config, open_body):
    """The released code fails there."""
    train(replace(config, train_2d=()), open_body)
    assert all(row["joints"] > 0 for row in rows(config, "train"))


def test_an_ablation_is_trained_and_kept_as_one(config, open_body):
    train(replace(config, ablation=Ablation(residual=True, forecast=False)), open_body)
    assert load_ablated(config.run / "best.safetensors").encoder.ablation.residual


def test_the_motion_discriminator_really_trains(config, open_body):
    """It learns to tell motions apart, and its gradient reaches the network."""
    silent = PaperLossWeights(0.0, 0.0, 0.0, 0.0)
    adversarial = replace(ADVERSARIAL, learning_rate=1e-2)
    config = replace(config, epochs=1, steps_per_epoch=30, loss=silent, adversarial=adversarial)
    run = training(config, open_body)
    before = {name: tensor.clone() for name, tensor in run.tcmr.state_dict().items()}
    judge = {name: tensor.clone() for name, tensor in run.adversary.discriminator.state_dict().items()}
    run.go(Stages())
    after, judges = run.tcmr.state_dict(), run.adversary.discriminator.state_dict()
    assert not torch.equal(after["encoder.gru_cur.weight_ih_l0"], before["encoder.gru_cur.weight_ih_l0"])
    assert not torch.equal(judges["gru.weight_ih_l0"], judge["gru.weight_ih_l0"])
    steps = rows(config, "train")
    first, last = steps[0], steps[-1]
    assert last["captured"] + last["estimated"] < 0.7 * (first["captured"] + first["estimated"])


def test_a_folder_of_another_run_is_not_continued(config, open_body):
    train(config, open_body)
    with pytest.raises(TcmrError, match="another learning_rate, seed"):
        train(replace(config, seed=2, learning_rate=1e-4), open_body)


def test_a_finished_run_can_be_trained_further_as_if_it_had_been_meant_to(config, open_body):
    train(config, open_body)
    longer = train(replace(config, epochs=3), open_body)
    whole = replace(config, run=config.run.with_name("whole"), epochs=3)
    assert train(whole, open_body) == longer
    assert read_log(config.run) == read_log(whole.run)


def test_a_loss_that_is_not_finite_ends_the_run(config, open_body):
    run = training(config, open_body)
    run.tcmr.regressor.deccam.bias.data.fill_(float("nan"))
    with pytest.raises(TcmrError, match="not finite at step 1"):
        run.step(0)


def as_toml(config: PaperConfig, path: Path) -> Path:
    """Write the settings of a run that are not the usual ones."""
    lines = [
        f'stage = "paper"\nrun = "{config.run}"\ndata = "{config.data}"\nbody = "open"',
        'train_2d = ["flat"]\ntrain_3d = ["full"]\nvalidation = "held_out"\ndevice = "cpu"\nthreads = 1',
        f"epochs = {config.epochs}\nstride = 1\nbatch = {config.batch}",
        f"steps_per_epoch = {config.steps_per_epoch}\nlearning_rate = {config.learning_rate}",
        f"checkpoint_every = {config.checkpoint_every}\nlog_every = 1",
        "[network]\nfeature_size = 24\nhidden_size = 8\nlayers = 1\nregressor_size = 16",
        '[adversarial]\nmotion = "full"\nclips = 4\nframes = 6\nhidden_size = 8\nlayers = 1',
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def command(toml: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "tcmr", "train", str(toml), *more]


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def kill_at(step: int, toml: Path, run: Path) -> None:
    """Start a run and kill its process when its log has a step."""
    process = subprocess.Popen(
        command(toml), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and max((row["step"] for row in read_log(run)), default=0) < step:
        time.sleep(0.005)
    assert process.poll() is None, "the run ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.timeout(900)
def test_a_run_that_is_killed_goes_on_to_the_very_same_losses_and_weights(config, open_body, tmp_path):
    """Killed with SIGKILL between two checkpoints, in the second epoch."""
    config = replace(config, epochs=3, steps_per_epoch=12, checkpoint_every=5, adversarial=ADVERSARIAL)
    whole = replace(config, run=tmp_path / "whole")
    train(whole, open_body)
    toml = as_toml(config, tmp_path / "run.toml")
    kill_at(18, toml, config.run)
    done = torch.load(config.run / "checkpoint.pt", weights_only=True)["step"]
    assert 12 <= done < 36
    subprocess.run(command(toml), env=ENVIRONMENT, check=True, capture_output=True)
    assert read_log(config.run) == read_log(whole.run)
    expected, weights = (
        load_checkpoint(each.run / "best.safetensors").tcmr.state_dict() for each in (whole, config)
    )
    assert all(torch.equal(weights[name], tensor) for name, tensor in expected.items())


@pytest.mark.timeout(900)
def test_two_processes_give_what_one_gives(config, open_body, tmp_path):
    """Gloo on one machine; dropout, uneven labels and the discriminator in play."""
    config = replace(config, adversarial=ADVERSARIAL)
    alone = replace(config, run=tmp_path / "alone")
    train(alone, open_body)
    toml = as_toml(config, tmp_path / "run.toml")
    done = subprocess.run(
        command(toml, "--devices", "2"), env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    ours, theirs = read_log(config.run), read_log(alone.run)
    assert [row["step"] for row in ours] == [row["step"] for row in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert one.pop("kind") == other.pop("kind")
        assert one == pytest.approx(other, rel=1e-4)
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["pa_mpjpe_mm"] == pytest.approx(
        min(row["pa_mpjpe_mm"] for row in rows(alone, "validation")), rel=1e-3
    )
