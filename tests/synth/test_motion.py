import math

import numpy as np
import pytest
import torch

from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, indices, mirrored
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle
from tcmr.synth.motion import SPLITS, MotionCapture, mirror

SPEED_M, TURN, LEG_M = 0.02, 0.03, 0.8  # of the file in conftest, a frame at 60 a second
ELBOWS = indices(SMPL_24, ["left_elbow", "right_elbow"])


@pytest.fixture(scope="module")
def capture(captured_file) -> MotionCapture:
    return MotionCapture.load(captured_file)


def test_a_held_out_window_is_the_captured_motion_at_30_frames_a_second(capture):
    for seed in range(6):
        performance = capture.perform("test", 20, np.random.default_rng(seed))
        angles = axis_angle_from_rotmat(performance.rotmat).numpy()
        moving = angles[:, ELBOWS, 1]
        turn = np.diff(moving, axis=0)
        np.testing.assert_allclose(np.abs(turn).max(1), 2 * TURN, atol=1e-5)
        assert np.count_nonzero(np.abs(moving).max(0) > 1e-6) == 1
        step = np.diff(performance.path_legs, axis=0)
        np.testing.assert_allclose(np.abs(step), np.tile([2, 0, 1], (19, 1)) * SPEED_M / LEG_M, atol=1e-5)


def test_at_twice_the_rate_people_move_half_as_far_a_frame(captured_file):
    capture = MotionCapture.load(captured_file, 60.0)
    step = np.diff(capture.perform("test", 20, np.random.default_rng(0)).path_legs, axis=0)
    np.testing.assert_allclose(np.abs(step), np.tile([1, 0, 0.5], (19, 1)) * SPEED_M / LEG_M, atol=1e-5)


def test_windows_are_mirrored_as_often_as_not_and_as_a_whole(capture):
    """To the left with the left elbow bent, or to the right with the right one."""
    sides = []
    for seed in range(40):
        performance = capture.perform("val", 5, np.random.default_rng(seed))
        forwards = performance.path_legs[-1, 0] > performance.path_legs[0, 0]
        bent = axis_angle_from_rotmat(performance.rotmat)[0, ELBOWS].norm(dim=-1).argmax()
        assert forwards == (bent == 0)
        sides.append(forwards)
    assert 8 < sum(sides) < 32


@pytest.mark.parametrize("split", SPLITS)
def test_a_window_comes_from_its_own_split(capture, split):
    sources = {capture.perform(split, 10, np.random.default_rng(seed)).source for seed in range(10)}
    assert sources == {f"a_{split}"}


def test_training_windows_vary_in_speed_and_pose(capture):
    windows = [capture.perform("train", 10, np.random.default_rng(seed)) for seed in range(12)]
    speeds = [np.linalg.norm(np.diff(window.path_legs, axis=0), axis=1).mean() for window in windows]
    assert max(speeds) > 1.2 * min(speeds)
    knees = [
        axis_angle_from_rotmat(window.rotmat)[:, indices(SMPL_24, "left_knee")].norm() for window in windows
    ]
    assert min(knees) < 1e-5 < 0.05 < max(knees)


def test_all_rotations_are_rotations(capture):
    rotmat = torch.cat(
        [capture.perform("train", 30, np.random.default_rng(seed)).rotmat for seed in range(6)]
    )
    torch.testing.assert_close(rotmat @ rotmat.mT, torch.eye(3).expand_as(rotmat), atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(rotmat), torch.ones(rotmat.shape[:-2]))


def test_the_same_seed_gives_the_same_window(capture):
    first, second = (capture.perform("train", 10, np.random.default_rng(5)) for _ in range(2))
    assert torch.equal(first.rotmat, second.rotmat)
    np.testing.assert_array_equal(first.path_legs, second.path_legs)


def test_a_mirrored_body_is_the_body_in_a_mirror(open_body):
    """The open body is symmetric, so its joints tell."""
    generator = torch.Generator().manual_seed(0)
    rotmat = rotmat_from_axis_angle(0.5 * torch.randn(4, 24, 3, generator=generator))
    path = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    other_rotmat, other_path = mirror(rotmat, path)
    shaped = open_body.with_shape(torch.zeros(10))
    pelvis = shaped.joints_m[0]
    joints = shaped.with_pose(rotmat, torch.from_numpy(path) - pelvis).joints_m
    other = shaped.with_pose(other_rotmat, torch.from_numpy(other_path) - pelvis).joints_m
    reflected = joints[:, mirrored(SMPL_24)] * torch.tensor([-1.0, 1.0, 1.0])
    torch.testing.assert_close(other, reflected, atol=2e-4, rtol=0)


def test_too_long_a_window_is_refused(capture):
    with pytest.raises(TcmrError, match="fewer frames"):
        capture.perform("val", 500, np.random.default_rng(0))


def test_a_window_may_be_just_as_long_as_the_segment(capture):
    frames = math.floor((200 - 2) / 2) + 1
    performance = capture.perform("val", frames, np.random.default_rng(0))
    assert len(performance.path_legs) == frames


def test_other_files_are_refused(tmp_path):
    text, wrong = tmp_path / "text.npz", tmp_path / "wrong.npz"
    text.write_text("no numbers")
    np.savez(wrong, pose=np.zeros(3))
    for path in (text, wrong, tmp_path / "missing.npz"):
        with pytest.raises(TcmrError, match=path.name):
            MotionCapture.load(path)
