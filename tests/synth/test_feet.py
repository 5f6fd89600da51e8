"""Feet that stand flat."""

import math

import pytest
import torch

from tcmr.joints import SMPL_24
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle
from tcmr.synth.feet import standing_flat

FPS = 60.0
LEFT_ANKLE, LEFT_HIP, LEFT_KNEE = (SMPL_24.index(f"left_{name}") for name in ("ankle", "hip", "knee"))


def standing_on_edges(degrees: float, frames: int = 100) -> torch.Tensor:
    """Return somebody whose left foot stands so far on its edge, with the legs apart, facing sideways."""
    pose = torch.zeros(frames, 24, 3)
    pose[:, 0, 1] = 1.2
    pose[:, LEFT_HIP, 2] = 0.2
    pose[:, LEFT_ANKLE, 2] = -0.2 + math.radians(degrees)
    return pose


def rises_deg(pose: torch.Tensor) -> torch.Tensor:
    """Return how far the left foot's left edge is up."""
    pelvis, hip, knee, ankle = (
        rotmat_from_axis_angle(pose[:, joint]) for joint in (0, LEFT_HIP, LEFT_KNEE, LEFT_ANKLE)
    )
    return torch.rad2deg(torch.asin((pelvis @ hip @ knee @ ankle)[:, 1, 0]))


@pytest.mark.parametrize("degrees", [-18.0, 0.0, 7.0])
def test_a_foot_that_stands_on_its_edge_stands_flat(degrees: float):
    pose = standing_on_edges(degrees)
    torch.testing.assert_close(rises_deg(pose), torch.full((100,), degrees), atol=1e-3, rtol=0)
    torch.testing.assert_close(rises_deg(standing_flat(pose, FPS)), torch.zeros(100), atol=1e-3, rtol=0)


def test_all_frames_are_turned_alike_and_nothing_else():
    pose = standing_on_edges(-18.0)
    pose[60:, LEFT_KNEE, 0] = torch.linspace(0, 2, 40)  # a step
    flat = standing_flat(pose, FPS)
    others = [joint for joint in range(24) if joint != LEFT_ANKLE]
    torch.testing.assert_close(flat[:, others], pose[:, others])
    before, after = (rotmat_from_axis_angle(each[:, LEFT_ANKLE]) for each in (pose, flat))
    turned = axis_angle_from_rotmat(before.mT @ after)
    torch.testing.assert_close(turned, turned[:1].expand_as(turned), atol=1e-5, rtol=0)


def test_a_foot_that_never_stands_is_left():
    pose = standing_on_edges(-18.0)
    pose[:, LEFT_KNEE, 0] = torch.linspace(0, 60, 100)
    assert torch.equal(standing_flat(pose, FPS), pose)
    assert torch.equal(
        standing_flat(standing_on_edges(-18.0, frames=3), FPS), standing_on_edges(-18.0, frames=3)
    )
