from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from tcmr.features.blazepose import BlazePose
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, SMPL_24, indices
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.synth.clips import SIDE_PX, RenderedClip, follow, make_clip, pelvis_path_m
from tcmr.types import Landmarks, Region

FRAMES = 6


@pytest.fixture(scope="module")
def clip(studio) -> RenderedClip:
    return make_clip(studio, "train", FRAMES, seed=3, index=5)


def test_the_truth_is_the_bodys(clip, open_body):
    truth = clip.truth
    shaped = open_body.with_shape(torch.from_numpy(truth.betas))
    rotmat = rotmat_from_axis_angle(torch.from_numpy(truth.pose))
    joints = shaped.with_pose(rotmat, torch.from_numpy(truth.root_m) - shaped.joints_m[0]).joints_m.numpy()
    np.testing.assert_allclose(joints - joints[:, :1], truth.joints_m, atol=1e-5)
    np.testing.assert_allclose(joints[:, 0], truth.root_m, atol=1e-5)
    projected = clip.focal_px * joints[..., :2] / joints[..., 2:] + SIDE_PX / 2
    np.testing.assert_allclose(projected, truth.joints_px, atol=0.01)


def test_the_same_number_gives_the_same_clip_and_another_another(studio, clip):
    again, other = (make_clip(studio, "train", FRAMES, seed=3, index=index) for index in (5, 6))
    np.testing.assert_array_equal(clip.frames, again.frames)
    for field in fields(clip.truth):
        np.testing.assert_array_equal(getattr(clip.truth, field.name), getattr(again.truth, field.name))
    assert not np.array_equal(clip.truth.betas, other.truth.betas)
    assert not np.array_equal(make_clip(studio, "val", FRAMES, seed=3, index=5).truth.betas, clip.truth.betas)


def test_shapes_vary_within_the_prior(studio):
    betas = np.array([make_clip(studio, "train", 1, seed=0, index=index).truth.betas for index in range(10)])
    assert np.abs(betas).max() <= 2.5
    assert 0.7 < betas.std() < 1.2


@pytest.mark.parametrize("size", [-2.0, 0.0, 2.0])
def test_longer_legs_take_longer_steps(studio, open_body, size):
    performance = studio.motion.perform("val", 5, np.random.default_rng(0))
    betas = np.eye(10, dtype=np.float32)[0] * np.float32(size)
    joints = open_body.with_shape(torch.from_numpy(betas)).joints_m
    hip, knee, ankle = joints[indices(SMPL_24, ["left_hip", "left_knee", "left_ankle"])]
    leg_m = float((hip - knee).norm() + (knee - ankle).norm())
    path = pelvis_path_m(open_body, performance, betas)
    # The file's walker goes on by 0.02 m a frame at 60 a second along x, on legs of 0.8 m.
    assert np.abs(np.diff(path[:, 0])) == pytest.approx(2 * 0.02 * leg_m / 0.8, rel=1e-3)


class Script:
    """A landmarker that says what it is told to, and keeps where it was made to look."""

    def __init__(self, scores: list[float], next_region: Region):
        self._scores, self._next_region = iter(scores), next_region
        self.looked: list[Region] = []

    def __call__(self, rgb: np.ndarray, region: Region) -> Landmarks:
        self.looked.append(region)
        nothing = np.zeros(33, np.float32)
        points = np.zeros((33, 3), np.float32)
        return Landmarks(
            region, self._next_region, points[:, :2], nothing, nothing, points, next(self._scores), nothing
        )


@pytest.fixture
def standing_px() -> np.ndarray:
    """Return a person upright in the middle of a picture of 320, 200 tall, in 4 frames."""
    joints = np.full((24, 2), 160, np.float32)
    joints[:, 1] = np.linspace(60, 260, 24)
    joints[indices(SMPL_24, ["left_hip", "right_hip"]), 1] = 160
    joints[indices(SMPL_24, ["left_shoulder", "right_shoulder"]), 1] = 90
    return np.tile(joints, (4, 1, 1))


PICTURES = [np.zeros((320, 320, 3), np.uint8)] * 4
ON_PERSON = Region((165.0, 165.0), 250.0, 0.1)


def test_the_next_region_is_followed_while_the_person_is_in_it(standing_px):
    script = Script([0.9] * 4, ON_PERSON)
    landmarks, shown = follow(script, PICTURES, standing_px, np.random.default_rng(0))
    assert shown == 1
    assert script.looked[1:] == [ON_PERSON] * 3
    assert [reading.region for reading in landmarks] == script.looked


@pytest.mark.parametrize("seed", range(6))
def test_the_first_region_has_the_person_in_it(standing_px, seed):
    script = Script([0.9] * 4, ON_PERSON)
    follow(script, PICTURES, standing_px, np.random.default_rng(seed))
    region = script.looked[0]
    np.testing.assert_allclose(region.center_xy_px, (160, 160), atol=30)
    assert 200 < region.size_px < 400
    assert abs(region.rotation_rad) < 0.4


@pytest.mark.parametrize(
    ("scores", "next_region"),
    [
        ([0.9, 0.2, 0.9, 0.9], ON_PERSON),
        ([0.9] * 4, replace(ON_PERSON, center_xy_px=(20.0, 20.0))),
        ([0.9] * 4, replace(ON_PERSON, size_px=15.0)),
    ],
    ids=["unsure", "elsewhere", "too small"],
)
def test_a_lost_person_is_shown_again(standing_px, scores, next_region):
    script = Script(scores, next_region)
    _, shown = follow(script, PICTURES, standing_px, np.random.default_rng(0))
    assert shown == (2 if next_region is ON_PERSON else 4)


def test_blazepose_sees_the_rendered_persons_where_they_are(studio):
    """The whole chain at once: what a real network reads in the pictures is where the truth says."""
    seeing = replace(studio, landmarker=BlazePose())
    rows, joints = indices(BLAZEPOSE_33, LIMBS_12), indices(SMPL_24, LIMBS_12)
    errors, scores = [], []
    for index in range(5):
        clip = make_clip(seeing, "test", 8, seed=1, index=index)
        seen = np.array([landmarks.xy_px[rows] for landmarks in clip.landmarks])
        height_px = 1.7 * clip.focal_px / clip.truth.root_m[:, 2]
        errors.append(np.linalg.norm(seen - clip.truth.joints_px[:, joints], axis=-1) / height_px[:, None])
        scores += [landmarks.score for landmarks in clip.landmarks]
    assert np.median(errors) < 0.05
    assert np.median(scores) > 0.9
