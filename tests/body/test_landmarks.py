"""BlazePose's points on the body: where they are, and how they turn with it."""

from dataclasses import replace

import pytest
import torch

from tcmr.body import BodyModel
from tcmr.body.landmarks import LandmarkPoints
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, SMPL_24, indices, mirrored
from tcmr.rotations import rotmat_from_axis_angle


@pytest.fixture(scope="module")
def at_rest(open_body: BodyModel):
    return open_body.with_shape(torch.zeros(10)).with_pose(torch.eye(3).expand(24, 3, 3))


def point(points: torch.Tensor, name: str) -> torch.Tensor:
    return points[..., indices(BLAZEPOSE_33, name)[0], :]


def test_at_rest_points_are_where_their_names_say(at_rest, landmark_points):
    """T-pose, y up, facing +z, the left side at +x."""
    points = landmark_points.on(at_rest)
    x, y, _ = points.T
    order = ["left_ankle", "left_knee", "left_hip", "left_shoulder", "left_ear"]
    heights = y[indices(BLAZEPOSE_33, order)]
    assert (heights.diff() > 0.05).all()
    outward = x[indices(BLAZEPOSE_33, ["nose", "left_shoulder", "left_elbow", "left_wrist", "left_index"])]
    assert (outward.diff() > 0.03).all()
    assert point(points, "nose")[2] > point(points, "left_ear")[2] + 0.03
    assert point(points, "left_foot_index")[2] > point(points, "left_heel")[2] + 0.1
    for name in BLAZEPOSE_33:
        if name.startswith("left"):
            assert point(points, name)[0] > 0, name
        elif name.startswith("right"):
            assert point(points, name)[0] < 0, name


def test_points_are_near_their_joints(at_rest, landmark_points):
    assert (landmark_points.offsets_m.norm(dim=-1) < 0.3).all()
    joints = at_rest.joints_m
    for name in LIMBS_12:
        there = point(landmark_points.on(at_rest), name)
        joint = joints[indices(SMPL_24, name)[0]]
        assert (there - joint).norm() < 0.12, name


def test_left_and_right_mirror_each_other(at_rest, landmark_points):
    points = landmark_points.on(at_rest)
    mirror = points[mirrored(BLAZEPOSE_33)] * torch.tensor([-1.0, 1.0, 1.0])
    assert (points - mirror).norm(dim=-1).max() < 0.03


def test_points_turn_and_move_with_the_whole_body(open_body, landmark_points):
    generator = torch.Generator().manual_seed(0)
    rotmat = rotmat_from_axis_angle(0.4 * torch.randn(5, 24, 3, generator=generator))
    shaped = open_body.with_shape(torch.randn(5, 10, generator=generator))
    turn = rotmat_from_axis_angle(torch.tensor([0.3, 2.0, -1.0]))
    turned = torch.cat([turn @ rotmat[:, :1], rotmat[:, 1:]], 1)
    pelvis, shift = shaped.joints_m[:, None, 0], torch.tensor([1.0, 2.0, 3.0])
    before = landmark_points.on(shaped.with_pose(rotmat)) - pelvis
    after = landmark_points.on(shaped.with_pose(turned, shift)) - pelvis - shift
    torch.testing.assert_close(after, before @ turn.T, atol=1e-5, rtol=0)


def test_an_offset_turns_with_its_carrier_about_its_anchor(open_body):
    """By hand: a point a finger's length off the elbow along x, carried by the elbow, bent by 90 degrees."""
    elbow, shoulder = indices(SMPL_24, ["left_elbow", "left_shoulder"])
    offsets = torch.tensor([[0.1, 0.0, 0.0], [0.1, 0.0, 0.0]])
    points = LandmarkPoints(anchors=[elbow, elbow], carriers=[elbow, shoulder], offsets_m=offsets)
    rotmat = torch.eye(3).repeat(24, 1, 1)
    rotmat[elbow] = rotmat_from_axis_angle(torch.tensor([0.0, 0.0, torch.pi / 2]))
    posed = open_body.with_shape(torch.zeros(10)).with_pose(rotmat)
    expected = posed.joints_m[elbow] + torch.tensor([[0.0, 0.1, 0.0], [0.1, 0.0, 0.0]])
    torch.testing.assert_close(points.on(posed), expected)


def test_without_offsets_points_are_joints(at_rest, landmark_points):
    bare = replace(landmark_points, offsets_m=torch.zeros(33, 3))
    torch.testing.assert_close(bare.on(at_rest), at_rest.joints_m[landmark_points.anchors])


def test_limbs_are_picked_by_name(at_rest, landmark_points):
    points, limbs = landmark_points.on(at_rest), landmark_points.limbs_on(at_rest)
    for row, name in enumerate(LIMBS_12):
        torch.testing.assert_close(limbs[row], point(points, name), msg=name)
