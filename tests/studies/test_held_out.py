"""Scores of a study against those of `tcmr evaluate`, which go another way: track by track, through the predictor."""

import pytest
import torch

from tcmr.evaluate.rendered import evaluate_rendered
from tcmr.model.regressor import Estimate
from tcmr.studies.held_out import HeldOut
from tcmr.studies.measures import network_alone
from tcmr.studies.recipe import QUICK, Recipe
from tcmr.train.clips import shards


@pytest.fixture(scope="module")
def held_out(material, studio_folder) -> HeldOut:
    clips = material.read(studio_folder / "test")
    return HeldOut(clips, material.describe(clips), material.body, material.points)


def test_a_network_scores_as_in_tcmr_evaluate(material, studio_folder, held_out):
    torch.manual_seed(0)
    tcmr = Recipe().build(QUICK, material.compact.regressor).eval()
    methods = {"ours": network_alone(tcmr, material)}
    report = evaluate_rendered(
        shards(studio_folder / "test"), material.body, methods, split="test", weights="none", command="pytest"
    )
    evaluated, studied = report.rows["ours"], held_out.score(tcmr)
    for name in ("mpjpe_mm", "pa_mpjpe_mm", "acceleration_error_mm", "speed_kept", "velocity_followed"):
        assert getattr(studied, name) == pytest.approx(getattr(evaluated, name), rel=2e-3), name


def test_the_truth_scores_nothing(held_out):
    truth = held_out.features.truth
    camera = torch.zeros(*truth.rotmat.shape[:2], 3)
    scores = held_out.score_estimate(Estimate(truth.rotmat, truth.betas, camera))
    assert scores.mpjpe_mm == pytest.approx(0, abs=0.01)
    assert scores.acceleration_error_mm == pytest.approx(0, abs=0.01)
    assert scores.speed_kept == pytest.approx(1, abs=1e-3)
