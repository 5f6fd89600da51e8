"""Rendered clips, stood in for by a posed body seen without error."""

from pathlib import Path

import numpy as np
import pytest

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.load import load_body
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.errors import TcmrError
from tcmr.evaluate.prediction import Observation, Prediction
from tcmr.evaluate.rendered import evaluate_rendered, observe

CLIPS, FRAMES = 3, 6


@pytest.fixture(scope="module")
def body():
    return load_body("open")


@pytest.fixture(scope="module")
def shard(tmp_path_factory, body) -> Path:
    rng = np.random.default_rng(0)
    arrays = {
        "visibility": np.ones((CLIPS, FRAMES, 33)),
        "score": np.ones((CLIPS, FRAMES)),
        "pose": rng.normal(size=(CLIPS, FRAMES, 24, 3)) * 0.3,
        "betas": rng.normal(size=(CLIPS, 10)),
        "root_m": rng.normal(size=(CLIPS, FRAMES, 3)) * 0.1 + [0, 0, 4],
        "focal_px": np.array([900.0, 1000.0, 1100.0]),
        "center_px": np.array([640.0, 360.0]),
        "spread_px": np.zeros((CLIPS, FRAMES, 33)),
        "flow_px": np.zeros((CLIPS, FRAMES, 33, 2)),
        "flow_certainty": np.zeros((CLIPS, FRAMES, 33)),
    }
    told = {"fps": np.array(30), "body": np.array(body.sha256)}
    path = tmp_path_factory.mktemp("rendered") / "test_000.npz"
    empty = {"xy_px": np.zeros((CLIPS, FRAMES, 33, 2)), "world_m": np.zeros((CLIPS, FRAMES, 33, 3))}
    np.savez(path, **{name: array.astype(np.float32) for name, array in (arrays | empty).items()}, **told)
    clips = LandmarkClips.load([path], body)
    points = LandmarkPoints.load().on(clips.bodies(body))
    seen = {"xy_px": clips.project(points).numpy(), "world_m": points.numpy()}
    np.savez(path, **{name: array.astype(np.float32) for name, array in (arrays | seen).items()}, **told)
    return path


@pytest.fixture(scope="module")
def report(shard, body):
    clips = LandmarkClips.load([shard], body)
    limbs = LandmarkPoints.load().limbs_on(clips.bodies(body)).numpy()

    def truth(observation: Observation) -> Prediction:
        clip = observation.track.id
        betas = np.repeat(clips.betas[clip : clip + 1].numpy(), FRAMES, axis=0)
        return Prediction(limbs[clip], placed=True, betas=betas)

    def average_person(observation: Observation) -> Prediction:
        return Prediction(limbs[observation.track.id], betas=np.zeros((FRAMES, 10), np.float32))

    predictors = {"truth": truth, "average": average_person}
    return evaluate_rendered([shard], body, predictors, split="test", weights="none", command="pytest")


def test_the_truth_is_where_the_landmarks_are(report):
    truth = report.rows["truth"]
    assert truth.mpjpe_mm == pytest.approx(0, abs=1e-3)
    assert truth.off_person_percent == pytest.approx(0, abs=1e-3)
    assert truth.shape_error == 0


def test_perfect_landmarks_score_perfectly(report):
    raw = report.rows["BlazePose"]
    assert raw.mpjpe_mm == pytest.approx(0, abs=1e-2)
    assert raw.speed_kept == pytest.approx(1, abs=1e-4)


def test_who_says_average_has_the_priors_variance_as_shape_error(report, shard):
    with np.load(shard) as arrays:
        assert report.rows["average"].shape_error == pytest.approx((arrays["betas"] ** 2).mean())


def test_at_twice_the_rate_accelerations_are_four_times_as_large(report, shard, body, tmp_path):
    with np.load(shard) as arrays:
        np.savez(tmp_path / "fast.npz", **{**arrays, "fps": np.array(60)})
    assert {seen.fps for seen in observe(LandmarkClips.load([tmp_path / "fast.npz"], body))} == {60}
    fast = evaluate_rendered([tmp_path / "fast.npz"], body, {}, split="", weights="", command="")
    slow_row, fast_row = report.rows["no motion"], fast.rows["no motion"]
    assert fast_row.acceleration_error_mm == pytest.approx(slow_row.acceleration_error_mm)
    assert fast_row.acceleration_error_si == pytest.approx(4 * slow_row.acceleration_error_si)
    assert "30 fps" in report.data
    assert "60 fps" in fast.data


def test_each_clip_is_seen_by_its_own_camera(shard, body):
    observations = list(observe(LandmarkClips.load([shard], body)))
    assert [observation.camera.focal_px for observation in observations] == [900, 1000, 1100]
    assert all(observation.camera.center_xy_px == (640, 360) for observation in observations)
    assert {len(observation.track.frames) for observation in observations} == {FRAMES}


def test_no_shard_is_refused(body):
    with pytest.raises(TcmrError, match="no rendered clips"):
        evaluate_rendered([], body, {}, split="test", weights="none", command="pytest")
