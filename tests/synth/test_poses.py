"""Random poses: windows out of captured segments, mixing, bending, mirroring, views."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, indices, mirrored
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.synth.poses import (
    BEND,
    LIMBS,
    PoseLibrary,
    mirror_some,
    random_bends,
    sample_poses,
    sample_views,
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def assert_rotations(rotmat: torch.Tensor) -> None:
    eye = torch.eye(3).expand_as(rotmat)
    torch.testing.assert_close(rotmat @ rotmat.mT, eye, atol=1e-4, rtol=0)
    assert (rotmat.det() > 0).all()


@pytest.fixture(scope="module")
def library(motion_file) -> PoseLibrary:
    return PoseLibrary.load(motion_file, "train")


@pytest.fixture(scope="module")
def numbered() -> PoseLibrary:
    """Make a library whose every "rotation" is the number of its frame."""
    starts, lengths = torch.tensor([0, 100, 160]), torch.tensor([100, 60, 10])
    rotmat = torch.arange(170.0)[:, None, None, None].expand(-1, 24, 3, 3)
    return PoseLibrary(rotmat, starts, lengths)


def test_a_library_has_the_segments_of_its_split(motion_file):
    train, val = PoseLibrary.load(motion_file, "train"), PoseLibrary.load(motion_file, "val")
    assert (train.starts.tolist(), train.lengths.tolist()) == ([0, 150], [150, 90])
    assert (val.starts.tolist(), val.lengths.tolist()) == ([240], [120])
    with np.load(motion_file) as arrays:
        expected = rotmat_from_axis_angle(torch.from_numpy(arrays["pose"][200]))
    torch.testing.assert_close(train.rotmat[200], expected)


def test_a_split_that_is_not_there_is_refused(motion_file):
    with pytest.raises(TcmrError, match=r"motion\.npz.*test"):
        PoseLibrary.load(motion_file, "test")


def test_what_is_no_motion_capture_is_refused(shard, tmp_path):
    with pytest.raises(TcmrError, match=r"shard\.npz"):
        PoseLibrary.load(shard, "train")
    with pytest.raises(TcmrError, match=r"gone\.npz"):
        PoseLibrary.load(Path(tmp_path / "gone.npz"), "train")


def test_windows_step_evenly_inside_one_segment(numbered):
    strides = torch.tensor([1, 2, 3]).repeat(200)
    numbers = numbered.windows(600, 16, strides, seeded())[:, :, 0, 0, 0]
    assert (numbers.diff(dim=1) == strides[:, None]).all()
    first, last = numbers[:, 0], numbers[:, -1]
    in_first, in_second = (last < 100), (first >= 100) & (last < 160)
    assert (in_first | in_second).all()
    assert in_first.sum() > in_second.sum() > 0
    assert first.min() == 0  # both ends of a segment are reached
    assert (last == 99).any()


def test_poses_are_repeatable_rotations(library):
    poses = sample_poses(library, 20, 8, seeded(1))
    assert poses.shape == (20, 8, 24, 3, 3)
    assert_rotations(poses)
    assert torch.equal(poses, sample_poses(library, 20, 8, seeded(1)))
    assert not torch.equal(poses, sample_poses(library, 20, 8, seeded(2)))


def test_sampling_leaves_the_library_as_it_was(library):
    before = library.rotmat.clone()
    sample_poses(library, 20, 8, seeded())
    assert torch.equal(library.rotmat, before)


def test_poses_move_smoothly(library):
    """The captured joints swing at most about a radian a second; mixing and bending must not tear windows."""
    poses = sample_poses(library, 50, 16, seeded())
    steps = (poses[:, 1:] - poses[:, :-1]).flatten(-2).norm(dim=-1)
    assert steps.max() < 0.35


def test_one_in_seven_or_so_has_both_thighs_drawn_up(library):
    """Nobody in the library sits: what is drawn up is so by chance, and bends alone seldom reach both thighs."""
    thighs = sample_poses(library, 1000, 1, seeded())[:, 0, indices(SMPL_24, ["left_hip", "right_hip"])]
    ahead = -thighs[:, :, 2, 1]  # sine of the angle by which a thigh is raised to the front
    assert 0.05 < (ahead > 0.7).all(1).float().mean() < 0.2


def test_limbs_are_all_joints_but_the_pelvis_once():
    assert sorted(joint for limb in LIMBS for joint in limb) == list(range(1, 24))


def test_bends_spare_the_pelvis_and_the_hands_and_are_larger_at_knees():
    bends = random_bends(400, 5, seeded())
    assert_rotations(bends)
    eye = torch.eye(3)
    for name in ("pelvis", "left_hand", "right_hand"):
        assert BEND[name] == 0
        torch.testing.assert_close(bends[:, :, indices(SMPL_24, name)[0]], eye.expand(400, 5, 3, 3))
    angle = (bends - eye).flatten(-2).norm(dim=-1).mean((0, 1))
    knee, neck = indices(SMPL_24, ["left_knee", "neck"])
    assert angle[knee] > 1.2 * angle[neck] > 0


def test_a_single_frame_can_be_bent():
    assert random_bends(3, 1, seeded()).shape == (3, 1, 24, 3, 3)


def test_mirroring_twice_is_nothing():
    assert [mirrored(SMPL_24)[joint] for joint in mirrored(SMPL_24)] == list(range(24))
    rotmat = rotmat_from_axis_angle(torch.randn(30, 4, 24, 3, generator=seeded()))
    once = mirror_some(rotmat, seeded(3))
    torch.testing.assert_close(mirror_some(once, seeded(3)), rotmat)
    changed = (once != rotmat).flatten(1).any(1).sum()
    assert 5 < changed < 25


def test_a_mirrored_pose_is_the_mirrored_body(open_body):
    """Our body is symmetric, so its joints must be the same picture in a mirror."""
    rotmat = rotmat_from_axis_angle(0.5 * torch.randn(20, 1, 24, 3, generator=seeded()))
    shaped = open_body.with_shape(torch.zeros(10))
    joints = shaped.with_pose(rotmat).joints_m - shaped.joints_m[0]
    after = shaped.with_pose(mirror_some(rotmat, seeded(3))).joints_m - shaped.joints_m[0]
    reflected = joints[:, :, mirrored(SMPL_24)] * torch.tensor([-1.0, 1.0, 1.0])
    same = (after - joints).abs().amax((1, 2, 3)) < 1e-3
    other = (after - reflected).abs().amax((1, 2, 3)) < 1e-3
    assert (same | other).all()
    assert same.sum() > 0
    assert other.sum() > 0


def test_most_persons_stand_upright_before_a_level_camera():
    view, ray = sample_views(2000, seeded())
    assert_rotations(view)
    up = view @ torch.tensor([0.0, 1.0, 0.0])
    upright = -up[:, 1]  # y points down in the camera
    assert (upright > 0.85).float().mean() > 0.6
    assert (upright < 0.5).float().mean() < 0.2
    assert ray.std(0).tolist() == pytest.approx([0.22, 0.14], rel=0.1)
    assert ray.mean(0).tolist() == pytest.approx([0, 0], abs=0.02)


def test_persons_are_seen_from_all_sides():
    view, _ = sample_views(2000, seeded())
    facing = view @ torch.tensor([0.0, 0.0, 1.0])
    angle = torch.atan2(facing[:, 0], facing[:, 2])
    quarters = torch.histc(angle, 4, -torch.pi, torch.pi) / 2000
    assert (quarters > 0.2).all()


def test_views_are_repeatable():
    torch.testing.assert_close(sample_views(5, seeded(4)), sample_views(5, seeded(4)), atol=0, rtol=0)
