"""Bodies made as tall as their persons are."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tcmr.camera import CropCameras, PinholeCamera
from tcmr.model.height import linear_height, with_height
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Motion

CAMERA = PinholeCamera(900.0, (640.0, 360.0))
BOXES = torch.tensor([[100.0, 50, 500, 450], [700, 100, 1000, 400], [300, 300, 900, 900]])


@pytest.fixture(scope="module")
def crops() -> CropCameras:
    return CAMERA.crop_cameras(BOXES)


@pytest.fixture(scope="module")
def motion(open_body, crops) -> Motion:
    """Put three random bodies into three crops."""
    rng = torch.Generator().manual_seed(0)
    rotmat = rotmat_from_axis_angle(0.4 * torch.randn(3, 24, 3, generator=rng))
    betas = torch.randn(3, 10, generator=rng)
    camera = torch.tensor([[0.9, 0.1, -0.1], [0.7, 0.0, 0.2], [1.1, -0.2, 0.0]])
    shaped = open_body.with_shape(betas)
    joints = shaped.with_pose(rotmat).joints_m
    return Motion(
        rotmat=rotmat.numpy(),
        betas=betas.numpy(),
        camera=camera.numpy(),
        joints_m=(joints - joints[:, :1]).numpy(),
        attention=np.ones((3, 3), np.float32),
        frames=np.arange(3),
        fps=30.0,
        body="open",
        weights="none",
        transl_m=crops.translation_in_frame(camera, shaped.joints_m[:, 0]).numpy(),
    )


def height_of(body, betas) -> np.ndarray:
    y_m = body.with_shape(torch.as_tensor(betas)).vertices_m[..., 1]
    return (y_m.amax(-1) - y_m.amin(-1)).numpy()


@pytest.mark.parametrize("height_m", [1.0, 1.21, 1.5, 1.72, 2.0])
def test_the_whole_body_at_rest_is_as_tall_as_asked_for(motion, crops, open_body, height_m):
    tall = with_height(motion, height_m, crops, open_body)
    np.testing.assert_allclose(height_of(open_body, tall.betas), height_m, atol=0.012)
    posed = open_body.with_shape(torch.from_numpy(tall.betas)).with_pose(torch.from_numpy(tall.rotmat))
    np.testing.assert_allclose(tall.joints_m, posed.joints_m - posed.joints_m[:, :1], atol=1e-6)
    np.testing.assert_array_equal(tall.rotmat, motion.rotmat)


@given(st.lists(st.floats(-2, 2), min_size=10, max_size=10))
def test_height_is_all_but_linear_in_the_coefficients(open_body, betas):
    mean_m, per_beta_m = linear_height(open_body)
    values = torch.tensor(betas)
    np.testing.assert_allclose(mean_m + values @ per_beta_m, height_of(open_body, values), atol=0.02)


def test_a_body_as_tall_as_asked_for_stays_as_it_is(motion, crops, open_body):
    mean_m, per_beta_m = linear_height(open_body)
    one = replace(motion, betas=np.tile(motion.betas[:1], (3, 1)))
    own_m = float(mean_m + torch.from_numpy(motion.betas[0]) @ per_beta_m)
    same = with_height(one, own_m, crops, open_body)
    np.testing.assert_allclose(same.betas, one.betas, atol=1e-5)
    np.testing.assert_allclose(same.transl_m, one.transl_m, rtol=1e-5)


def test_it_looks_as_before_from_farther_away(motion, crops, open_body):
    """The pelvis keeps its pixel, the joints nearly: a taller body is not simply a magnified one."""
    tall = with_height(motion, 2.2, crops, open_body)

    def joints_px(of: Motion) -> torch.Tensor:
        return CAMERA.project(torch.from_numpy(of.joints_m + of.transl_m[:, None]))

    before, after = joints_px(motion), joints_px(tall)
    np.testing.assert_allclose(after[:, 0], before[:, 0], atol=0.01)
    size = (before.amax(1) - before.amin(1)).amax(-1)
    assert (tall.transl_m[:, 2] > 1.1 * motion.transl_m[:, 2]).all()
    assert ((after - before).norm(dim=-1).amax(-1) < 0.08 * size).all()


def test_the_weak_perspective_places_the_pelvis_where_it_is(motion, crops, open_body):
    tall = with_height(motion, 1.4, crops, open_body)
    rest_m = open_body.with_shape(torch.from_numpy(tall.betas)).joints_m[:, 0]
    placed = crops.translation_in_frame(torch.from_numpy(tall.camera), rest_m)
    np.testing.assert_allclose(placed, tall.transl_m, rtol=1e-4, atol=1e-4)
