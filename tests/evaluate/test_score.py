from dataclasses import replace

import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.evaluate.prediction import Observation, Prediction
from tcmr.evaluate.score import Sample, mean_scores, score, score_ends
from tcmr.joints import LIMBS_12, mirrored
from tcmr.types import Track

CAMERA = PinholeCamera.assumed(1280, 720)


def clip(frames: int, seed: int, error_m: float = 0.0, placed: bool = True) -> Sample:
    """Make a person whose predicted left wrist is off sideways by `error_m` in every frame."""
    rng = np.random.default_rng(seed)
    true_m = rng.uniform([-0.5, -1, 4], [0.5, 1, 5], (frames, 12, 3))
    predicted_m = true_m.copy()
    predicted_m[:, 4, 0] += error_m
    landmarks_px = np.zeros((frames, 33, 2), np.float32)
    landmarks_px[:, [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]] = CAMERA.project(torch.tensor(true_m))
    track = Track(
        id=0, segment=0, frames=np.arange(frames), xy_px=landmarks_px,
        visibility=np.ones((frames, 33), np.float32), world_m=np.zeros((frames, 33, 3), np.float32),
        scores=np.ones(frames, np.float32), bridged=np.zeros(frames, bool),
        spread_px=np.zeros((frames, 33), np.float32),
        flow_px=np.zeros((frames, 33, 2), np.float32),
        flow_certainty=np.zeros((frames, 33), np.float32),
    )  # fmt: skip
    betas = np.full(10, 0.5, np.float32)
    prediction = Prediction(predicted_m, placed, np.zeros((frames, 10), np.float32))
    return Sample(Observation(track, CAMERA, 30.0), prediction, true_m, betas)


def test_the_truth_scores_perfectly():
    scores = score([clip(5, 0), clip(8, 1)])
    assert scores.mpjpe_mm == scores.acceleration_error_mm == scores.facing_away_percent == 0
    assert scores.pa_mpjpe_mm == pytest.approx(0, abs=1e-6)
    assert scores.speed_kept == scores.acceleration_kept == 1
    assert scores.off_person_percent == pytest.approx(0, abs=1e-4)


def test_frames_are_pooled_not_clips():
    scores = score([clip(4, 0, error_m=0.012), clip(12, 1)])
    assert scores.mpjpe_mm == pytest.approx(12 / 12 * 4 / 16)


def test_shape_error_of_the_average_person_is_the_spread():
    assert score([clip(5, 0)]).shape_error == pytest.approx(0.25)


def test_acceleration_in_both_units():
    sample = clip(6, 0)
    jumping = sample.prediction.joints_m.copy()
    jumping[2, 0] += [0, 0.012, 0]
    scores = score([replace(sample, prediction=Prediction(jumping))])
    # One joint of twelve jumps by 12 mm: second differences of 1, -2, 1 in the four that there are.
    assert scores.acceleration_error_mm == pytest.approx(1.0)
    assert scores.acceleration_error_si == pytest.approx(0.9)


def test_what_a_method_does_not_know_is_not_scored():
    nowhere = replace(clip(5, 0), prediction=Prediction(clip(5, 0).prediction.joints_m))
    scores = score([nowhere])
    assert scores.off_person_percent is None
    assert scores.shape_error is None
    assert mean_scores([scores, score([clip(5, 1)])]).shape_error is None


def test_mean_gives_every_score_the_same_weight():
    mean = mean_scores([score([clip(4, 0, error_m=0.012)]), score([clip(12, 1)])])
    assert mean.mpjpe_mm == pytest.approx(0.5)


def test_short_failures_show_in_the_worst_frames_only():
    sample = clip(100, 0)
    joints = sample.prediction.joints_m.copy()
    joints[40:45, 4] += [0.12, 0, 0]
    scores = score([replace(sample, prediction=Prediction(joints))])
    assert scores.mpjpe_mm == pytest.approx(0.5)
    assert scores.worst_mpjpe_mm == pytest.approx(10.0)
    assert scores.worst_pa_mpjpe_mm == pytest.approx(20 * scores.pa_mpjpe_mm)  # the rest has none


def test_frames_that_face_away_are_counted_and_counts_add_up():
    samples = [clip(20, 0), clip(30, 1)]
    joints = samples[0].prediction.joints_m.copy()
    joints[5:9] = joints[5:9, mirrored(LIMBS_12)]
    samples[0] = replace(samples[0], prediction=Prediction(joints))
    scores = score(samples)
    assert (scores.facing_away_frames, scores.frames) == (4, 50)
    assert scores.facing_away_percent == pytest.approx(8)
    both = mean_scores([scores, score(samples[1:])])
    assert (both.facing_away_frames, both.frames) == (4, 80)
    assert both.facing_away_percent == pytest.approx(4)


def test_clip_ends_are_scored_apart():
    sample = clip(40, 0)
    joints = sample.prediction.joints_m.copy()
    joints[:8, 4, 0] += 0.012
    joints[-7:, 4, 0] += 0.024
    sample = replace(sample, prediction=Prediction(joints, placed=True, betas=sample.prediction.betas))
    ends = score_ends([sample, clip(10, 1, error_m=1.0)])  # the second is too short to have ends
    assert {name: scores.frames for name, scores in ends.items()} == {
        "first 8 frames": 8,
        "between": 25,
        "last 7 frames": 7,
    }
    assert [scores.mpjpe_mm for scores in ends.values()] == pytest.approx([1, 0, 2])
    assert [scores.acceleration_error_mm for scores in ends.values()] == pytest.approx([0, 0, 0])
    assert all(scores.off_person_percent is not None for scores in ends.values())
    assert score_ends([clip(17, 0)]) == {}


def test_vertices_are_compared_at_the_pelvis(open_body):
    frames = 4
    still = torch.eye(3).expand(frames, 24, 3, 3)
    true_body = open_body.with_shape(torch.zeros(10)).with_pose(still)
    elsewhere = open_body.with_shape(torch.zeros(frames, 10)).with_pose(still, torch.ones(frames, 3))
    sample = clip(frames, 0)

    def mpvpe(body):
        prediction = replace(sample.prediction, body=body)
        return score([replace(sample, prediction=prediction, true_body=true_body)]).mpvpe_mm

    assert mpvpe(elsewhere) == pytest.approx(0, abs=1e-3)
    half_turn = torch.diag(torch.tensor([-1.0, 1, -1])).expand(frames, 1, 3, 3)
    turned = open_body.with_shape(torch.zeros(10)).with_pose(torch.cat([half_turn, still[:, 1:]], 1))
    rest = true_body.vertices()[0] - true_body.joints_m[0, 0]
    assert mpvpe(turned) == pytest.approx(float(2000 * rest[:, [0, 2]].norm(dim=-1).mean()), rel=1e-4)
    assert score([sample]).mpvpe_mm is None


def test_frames_must_match_and_suffice():
    sample = clip(5, 0)
    with pytest.raises(ValueError, match="4 predicted and 5 true frames for a track of 5"):
        score([replace(sample, prediction=Prediction(sample.true_m[:4]))])
    with pytest.raises(ValueError, match="at least 3"):
        score([clip(2, 0)])
    with pytest.raises(ValueError, match="no clip"):
        score([])
