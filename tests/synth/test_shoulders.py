"""Shoulders that rise with the arms."""

import math
from dataclasses import replace

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import tcmr
from tcmr.joints import SMPL_24, indices
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.synth.motion import MotionCapture
from tcmr.synth.poses import PoseLibrary, mirrored_rotations, sample_poses
from tcmr.synth.shoulders import are_stiff, with_rising_shoulders

COLLARS = indices(SMPL_24, ["left_collar", "right_collar"])
SHOULDERS = indices(SMPL_24, ["left_shoulder", "right_shoulder"])


def with_arms(raised_deg: float) -> torch.Tensor:
    """Return a person whose arms are raised sideways so far from hanging."""
    turn = torch.zeros(24, 3)
    turn[SHOULDERS[0], 2], turn[SHOULDERS[1], 2] = (
        side * math.radians(raised_deg - 90) for side in (1.0, -1.0)
    )
    return rotmat_from_axis_angle(turn)


def anybody(seed: int) -> torch.Tensor:
    return rotmat_from_axis_angle(torch.randn(5, 24, 3, generator=torch.Generator().manual_seed(seed)))


def test_hanging_arms_leave_the_shoulders_where_they_are():
    pose = with_arms(25.0)
    torch.testing.assert_close(with_rising_shoulders(pose), pose)


def test_raised_arms_lift_the_collarbones_by_thirty_degrees():
    lifted = with_rising_shoulders(with_arms(180.0))[COLLARS]
    torch.testing.assert_close(lifted[:, 1, 0], torch.tensor([0.5, -0.5]), atol=1e-3, rtol=0)


def test_shoulders_of_a_body_rise_by_some_centimetres_and_nothing_but_the_arms_moves():
    body = tcmr.load_body("open").with_shape(torch.zeros(10))
    stiff, risen = (
        body.with_pose(pose[None]).joints_m[0]
        for pose in (with_arms(180.0), with_rising_shoulders(with_arms(180.0)))
    )
    up_m = (risen - stiff)[:, 1]
    assert (up_m[SHOULDERS] > 0.04).all()
    assert (up_m[SHOULDERS] < 0.08).all()
    arms = [joint for joint, name in enumerate(SMPL_24) if name.endswith(("elbow", "wrist", "hand"))]
    others = [joint for joint in range(24) if joint not in [*arms, *SHOULDERS]]
    torch.testing.assert_close(risen[others], stiff[others])


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_arms_keep_their_directions_and_poses_stay_rotations(seed: int):
    before, after = anybody(seed), with_rising_shoulders(anybody(seed))
    arms = (pose[:, COLLARS] @ pose[:, SHOULDERS] for pose in (before, after))
    torch.testing.assert_close(*arms, atol=1e-5, rtol=0)
    torch.testing.assert_close(after @ after.mT, torch.eye(3).expand_as(after), atol=1e-5, rtol=0)
    others = [joint for joint in range(24) if joint not in [*COLLARS, *SHOULDERS]]
    assert torch.equal(after[:, others], before[:, others])


def test_left_and_right_rise_alike():
    mirrored = with_rising_shoulders(mirrored_rotations(anybody(3)))
    torch.testing.assert_close(
        mirrored, mirrored_rotations(with_rising_shoulders(anybody(3))), atol=1e-5, rtol=0
    )


def test_only_shoulders_that_were_captured_stiff_are_made_to_rise(captured_file, motion_file):
    """Collarbones turn in one of the two files: those rise by themselves."""
    assert MotionCapture.load(captured_file).stiff_shoulders
    assert PoseLibrary.load(captured_file, "train").stiff_shoulders
    assert not PoseLibrary.load(motion_file, "train").stiff_shoulders
    turned = torch.zeros(3, 24, 3)
    assert are_stiff(turned)
    turned[1, COLLARS[1], 2] = 0.1
    assert not are_stiff(turned)


def test_stiff_shoulders_rise_in_what_is_drawn(captured_file):
    library, generators = (
        PoseLibrary.load(captured_file, "train"),
        [torch.Generator().manual_seed(1) for _ in "ab"],
    )
    risen, stiff = (
        sample_poses(replace(library, stiff_shoulders=told), 20, 3, generator)
        for told, generator in zip((True, False), generators, strict=True)
    )
    arms = (pose[:, :, COLLARS] @ pose[:, :, SHOULDERS] for pose in (risen, stiff))
    torch.testing.assert_close(*arms, atol=1e-5, rtol=0)
    assert (risen[:, :, COLLARS[0], 1, 0] > stiff[:, :, COLLARS[0], 1, 0] + 0.05).any()
