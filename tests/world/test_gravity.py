"""Gravity is found again from people who walk before tilted cameras."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tcmr.world.feet import foot_points_m
from tcmr.world.gravity import DOWN, find_down, levelled, standing_direction
from tcmr.world.path import smooth_path
from world.walk import walk


def off_deg(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.rad2deg(np.arccos(np.clip(found @ truth, -1, 1))))


@pytest.mark.parametrize("tilt_deg", [(0, 0), (15, 4), (-10, 8), (35, 0)])
@pytest.mark.parametrize("heading_deg", [10, 70])
def test_down_is_found_to_two_degrees(tilt_deg, heading_deg, open_body):
    someone = walk(open_body, 120, heading_deg, tilt_deg, seed=3)
    smooth = smooth_path(someone.seen)
    assert off_deg(find_down([smooth], [foot_points_m(smooth, open_body)]), someone.down) < 2


def test_feet_tell_more_than_leaning_people(across, towards, open_body):
    """Where everybody leans, the plane of their feet still shows where down is."""
    people, downs = [], []
    for someone in (across, towards):
        exact = someone.seen_without_errors
        lean = torch.linalg.matrix_exp(torch.tensor([[0, -0.1, 0], [0.1, 0, 0], [0, 0, 0]])).numpy()
        people.append(replace(exact, joints_m=(exact.joints_m @ lean.T).astype(np.float32)))
        downs.append(someone.down)
    found = find_down(people, [foot_points_m(each, open_body) for each in people])
    assert off_deg(found, downs[0]) < 0.7 * off_deg(standing_direction(people), downs[0])


def test_a_level_motion_keeps_its_pose_and_its_joints(across, open_body):
    level = levelled(across.seen, across.down)
    np.testing.assert_array_equal(level.rotmat[:, 1:], across.seen.rotmat[:, 1:])
    posed = open_body.with_shape(torch.from_numpy(level.betas)).with_pose(torch.from_numpy(level.rotmat))
    relative = (posed.joints_m - posed.joints_m[:, :1]).numpy()
    np.testing.assert_allclose(level.joints_m, relative, atol=1e-5)


def test_where_nobody_stands_the_camera_is_taken_for_level(across):
    lying = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)
    motion = replace(across.truth, joints_m=across.truth.joints_m @ lying.T)
    np.testing.assert_allclose(standing_direction([motion]), DOWN, atol=1e-6)
