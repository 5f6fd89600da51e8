"""The landmark stage: refined as in a run, learns, resumes exactly, and leaves weights that a run reads."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tcmr.assets import fetch
from tcmr.errors import TcmrError
from tcmr.features.blazepose_model import read_without_segmentation
from tcmr.features.heatmap import refine
from tcmr.features.tuned import tuned_model
from tcmr.people.network import Network
from tcmr.train.blazepose_network import RawReading
from tcmr.train.landmark_pictures import LandmarkBatch
from tcmr.train.landmark_stage import (
    GUESSED,
    LandmarkConfig,
    LandmarkStage,
    landmark_terms,
    point_weights,
    refined,
)
from tcmr.train.loop import train
from tcmr.train.settings import read_settings

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture
def config(tmp_path, picture_folder) -> LandmarkConfig:
    """Return a run of few steps that trains only the last layers."""
    return LandmarkConfig(
        stage="landmarks",
        run=tmp_path / "run",
        rendered=picture_folder,
        steps=3,
        batch=2,
        learning_rate=2e-3,
        frozen_convolutions=75,
        share=1.0,
        warmup_steps=1,
        checkpoint_every=1,
        threads=1,
    )


def test_the_shipped_configuration_is_valid():
    assert read_settings(LandmarkConfig, CONFIGS / "open_landmarks.toml").stage == "landmarks"


def test_a_run_goes_on_from_another(config):
    train(LandmarkStage(config), config)
    more = replace(config, run=config.run / "more", begin_with=config.run / "checkpoint.pt")
    before, after = LandmarkStage(config), LandmarkStage(more)
    learned = load_file(config.run / "weights.safetensors")
    for name, weight in after.network.changed_weights().items():
        torch.testing.assert_close(weight.half(), learned[name])
    assert any((weight != 0).any() for weight in _changes(after))
    assert not any((weight != 0).any() for weight in _changes(before))


def test_a_run_to_go_on_from_must_be_there(config, tmp_path):
    with pytest.raises(TcmrError, match=r"no run to begin with: .*gone\.pt"):
        LandmarkStage(replace(config, begin_with=tmp_path / "gone.pt"))


def _mean_loss(stage: LandmarkStage) -> float:
    return float(
        np.mean([stage.loss(torch.Generator().manual_seed(seed))[0].item() for seed in range(9, 15)])
    )


def _changes(stage: LandmarkStage) -> list[torch.Tensor]:
    return [p for p in stage.network.parameters() if p.requires_grad]


def test_points_are_refined_as_in_a_run():
    rng = np.random.default_rng(0)
    places = rng.uniform(-0.1, 1.1, (20, 39, 2)).astype(np.float32)
    heatmaps = rng.normal(-2, 1.2, (20, 39, 64, 64)).astype(np.float32)
    ours = refined(torch.from_numpy(places), torch.from_numpy(heatmaps)).numpy()
    expected = np.stack([refine(*pair) for pair in zip(places, heatmaps.transpose(0, 2, 3, 1), strict=True)])
    np.testing.assert_allclose(ours, expected[:, :35], atol=1e-5)
    moved = np.linalg.norm(expected - places, axis=-1) > 0
    assert 0.2 < moved.mean() < 0.9


def test_the_truth_is_the_best_reading():
    rng = torch.Generator().manual_seed(0)
    batch = LandmarkBatch(
        torch.zeros(2, 3, 256, 256),
        0.2 + 0.6 * torch.rand(2, 35, 2, generator=rng),
        torch.randn(2, 33, 3, generator=rng),
        torch.ones(2, 35, dtype=torch.bool),
        torch.tensor([True, False]),
    )
    best = RawReading(
        256 * torch.cat([batch.points, torch.zeros(2, 4, 2)], 1),
        40 * (torch.rand(2, 33, 2, generator=rng) - 0.5).sign(),
        torch.tensor([1.0, 0.0]),
        torch.full((2, 39, 64, 64), -9.0),
        batch.world_m,
    )
    least = landmark_terms(best, batch, best, point_weights())
    assert least["beliefs"] + least["score"] < 1e-6
    for change in (
        {"points_px": best.points_px + 5},
        {"world_m": best.world_m + 0.1},
        {"beliefs": -best.beliefs},
        {"score": torch.full((2,), 0.3)},
    ):
        worse = landmark_terms(replace(best, **change), batch, best, point_weights())
        assert sum(worse.values()) > sum(least.values()) + 1e-3, change
    elsewhere = replace(best, points_px=best.points_px + torch.tensor([0.0, 50.0])[:, None, None])
    assert landmark_terms(elsewhere, batch, best, point_weights()) == least  # that crop lies astray


def test_what_is_not_in_the_picture_counts_little_and_less_the_smaller_the_part_that_a_crop_shows():
    def cost_of_a_guess(radius: float, is_seen: bool) -> float:
        """Return what it costs to be off by a tenth of the person at the first landmark."""
        points = torch.full((1, 35, 2), 0.5)
        points[:, -1, 1] -= radius
        seen = torch.ones(1, 35, dtype=torch.bool)
        seen[:, 0] = is_seen
        batch = LandmarkBatch(
            torch.zeros(1, 3, 256, 256), points, torch.zeros(1, 33, 3), seen, torch.tensor([True])
        )

        def cost(off: float) -> float:
            places = 256 * torch.cat([points, torch.zeros(1, 4, 2)], 1)
            places[:, 0, 0] += 256 * off
            reading = RawReading(
                places,
                torch.zeros(1, 33, 2),
                torch.ones(1),
                torch.full((1, 39, 64, 64), -9.0),
                batch.world_m,
            )
            return landmark_terms(reading, batch, reading, point_weights())["places"].item()

        return cost(0.2 * radius) - cost(0.0)

    seen, guessed = cost_of_a_guess(0.5, True), cost_of_a_guess(0.5, False)
    assert guessed == pytest.approx(GUESSED * seen, rel=0.01)
    assert cost_of_a_guess(5.0, False) == pytest.approx(guessed, rel=0.1)  # ten times as far off, in crops


def test_it_learns_and_a_run_reads_its_weights(config):
    stage = LandmarkStage(replace(config, steps=12))
    before = _mean_loss(stage)
    figures = train(stage, stage.config)
    assert _mean_loss(stage) < 0.95 * before
    assert set(figures) == {"error_percent", "median_error_percent", "world_error_mm", "score_off"}
    content = read_without_segmentation(fetch("blazepose-landmarks"))
    picture = stage.held_out.straight(range(1)).pictures
    tuned = Network(tuned_model(content, config.run / "weights.safetensors"))
    landmarks = tuned(picture[0].permute(1, 2, 0).numpy())[0].reshape(39, 5)[:, :2]
    with torch.no_grad():
        expected = stage.network(picture).points_px[0].numpy()
    np.testing.assert_allclose(landmarks, expected, atol=1)
    assert (
        np.abs(
            landmarks - Network(content)(picture[0].permute(1, 2, 0).numpy())[0].reshape(39, 5)[:, :2]
        ).max()
        > 1
    )


def test_a_killed_run_goes_on_to_the_very_same_weights(config):
    train(LandmarkStage(config), config)
    broken = replace(config, run=config.run.with_name("broken"))
    stage = LandmarkStage(broken)
    whole = stage.loss
    stage.loss = lambda generator: whole(generator) if not killing(broken.run) else pytest.fail("killed")
    with pytest.raises(pytest.fail.Exception):
        train(stage, broken)
    train(LandmarkStage(broken), broken)
    expected = load_file(config.run / "weights.safetensors")
    weights = load_file(broken.run / "weights.safetensors")
    assert all(torch.equal(weights[name], expected[name]) for name in expected)


def killing(run: Path) -> bool:
    """Tell whether a first checkpoint is there."""
    return (run / "checkpoint.pt").exists()
