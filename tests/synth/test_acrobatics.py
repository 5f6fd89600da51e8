"""People in poses that nobody was captured in."""

import torch

from tcmr.joints import SMPL_24, indices
from tcmr.rotations import axis_angle_from_rotmat
from tcmr.synth.acrobatics import CURLED, acrobatic, curled, tilt

FRAMES = 5


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def standing() -> torch.Tensor:
    return torch.eye(3).expand(FRAMES, 24, 3, 3)


def many() -> torch.Tensor:
    return torch.stack([acrobatic(standing(), seeded(seed)) for seed in range(300)])


def test_poses_are_rotations_and_what_they_were_made_of_stays():
    poses = many()
    torch.testing.assert_close(poses @ poses.mT, torch.eye(3).expand_as(poses), atol=1e-5, rtol=0)
    assert (poses.det() > 0).all()
    assert (standing() == torch.eye(3)).all()


def test_the_same_seed_gives_the_same_pose():
    torch.testing.assert_close(acrobatic(standing(), seeded(7)), acrobatic(standing(), seeded(7)))


def test_some_are_upside_down_and_some_stand():
    up = many()[:, 0, 0, 1, 1]
    assert 0.05 < (up < -0.3).float().mean() < 0.4
    assert (up > 0.999).float().mean() > 0.25


def test_thighs_come_up_to_the_front_and_heels_to_the_back(open_body):
    rest = standing()[0].clone()
    rest[indices(SMPL_24, CURLED)] = curled(400, FRAMES, seeded(0)).mean((0, 1))
    rest = torch.linalg.svd(rest)
    mean = rest.U @ rest.Vh
    joints = open_body.with_shape(torch.zeros(10)).with_pose(mean).joints_m
    hip, knee, ankle = (joints[index] for index in indices(SMPL_24, ["left_hip", "left_knee", "left_ankle"]))
    assert knee[2] - hip[2] > 0.2
    assert ankle[2] - knee[2] < 0
    head, pelvis = (joints[index] for index in indices(SMPL_24, ["head", "pelvis"]))
    assert head[2] - pelvis[2] > 0.1


def test_hands_and_feet_are_not_bent():
    ends = many()[:, :, indices(SMPL_24, ["left_hand", "right_hand", "left_foot", "right_foot"])]
    assert axis_angle_from_rotmat(ends).abs().max() < 1e-5


def test_tilts_are_of_three_kinds():
    angles = torch.stack([axis_angle_from_rotmat(tilt(seeded(seed))).norm() for seed in range(300)])
    assert 0.25 < (angles < 1e-4).float().mean() < 0.45
    assert angles.max() > 2.5
