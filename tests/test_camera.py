"""Cameras against the released code's numbers, and crop against frame."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tcmr.camera import (
    PinholeCamera,
    project_in_crop,
    translation_from_weak_perspective,
)
from tcmr.rotations import rotmat_from_axis_angle

PARITY = Path(__file__).parent / "parity"
WIDTH, HEIGHT = 1280, 720


@pytest.fixture(scope="module")
def released() -> dict[str, torch.Tensor]:
    with np.load(PARITY / "tcmr_forward.npz") as arrays:
        return {name: torch.from_numpy(array) for name, array in arrays.items()}


@pytest.fixture(scope="module")
def released_cameras() -> dict[str, torch.Tensor]:
    with np.load(PARITY / "camera.npz") as arrays:
        return {name: torch.from_numpy(array) for name, array in arrays.items()}


@pytest.mark.parametrize("branch", ["eval", "evalJ", "train"])
def test_projection_is_the_released_codes(released, branch):
    camera = released[f"{branch}_theta"][..., :3]
    projected = project_in_crop(released[f"{branch}_kp_3d"], camera)
    torch.testing.assert_close(projected, released[f"{branch}_kp_2d"], atol=2e-5, rtol=0)


def test_projection_is_the_released_codes_for_other_cameras(released_cameras):
    projected = project_in_crop(released_cameras["joints"], released_cameras["cam"])
    torch.testing.assert_close(projected, released_cameras["kp_2d"], atol=2e-5, rtol=0)


def test_translation_is_the_released_codes_formula():
    camera = torch.tensor([[0.9, 0.1, -0.2], [0.5, 0.0, 0.0]])
    expected = torch.stack([camera[:, 1], camera[:, 2], 2 * 5000 / (224 * camera[:, 0] + 1e-9)], -1)
    torch.testing.assert_close(translation_from_weak_perspective(camera), expected)


def test_far_away_persons_land_where_the_released_full_image_camera_says(released_cameras):
    """With an endless focal length perspective goes, and both ways to the full image must agree."""
    frame = PinholeCamera(1e7, (WIDTH / 2, HEIGHT / 2))
    middle, size = released_cameras["bbox_cxcywh"][:, :2], released_cameras["bbox_cxcywh"][:, 2:]
    cameras = frame.crop_cameras(torch.cat([middle - size / 2, middle + size / 2], -1))
    joints = released_cameras["joints"].double()
    origin = torch.zeros(len(joints), 3, dtype=torch.float64)
    translation = cameras.translation_in_frame(released_cameras["cam"].double(), origin)
    pixels = frame.project(joints @ cameras.rotation.mT + translation[:, None])
    scale_x, scale_y, shift_x, shift_y = released_cameras["orig_cam_1280x720"].T[..., None]
    expected_x = scale_x * (joints[..., 0] + shift_x) * WIDTH / 2 + WIDTH / 2
    expected_y = scale_y * (joints[..., 1] + shift_y) * HEIGHT / 2 + HEIGHT / 2
    torch.testing.assert_close(pixels, torch.stack([expected_x, expected_y], -1), atol=0.05, rtol=0)


@st.composite
def scenes(draw):
    """Draw a box in a frame, a weak perspective, a pose and points of a body (float64)."""
    number = lambda low, high: draw(st.floats(low, high))  # noqa: E731
    size = number(40, 700)
    middle = torch.tensor([number(0, WIDTH), number(0, HEIGHT)], dtype=torch.float64)
    box = torch.cat([middle - size / 2, middle + size / 2])
    frame = PinholeCamera(size * number(1.5, 12), (WIDTH / 2, HEIGHT / 2))
    camera = torch.tensor([number(0.4, 1.1), number(-0.3, 0.3), number(-0.3, 0.3)], dtype=torch.float64)
    rotation = rotmat_from_axis_angle(torch.tensor([number(-3, 3) for _ in range(3)], dtype=torch.float64))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    points = torch.rand(20, 3, generator=generator, dtype=torch.float64) - 0.5
    pelvis = 0.3 * torch.randn(3, generator=generator, dtype=torch.float64)
    return frame, box, camera, rotation, points, pelvis


@given(scenes())
def test_a_body_placed_in_the_frame_lands_where_the_crop_shows_it(scene):
    frame, box, camera, rotation, points, pelvis = scene
    cameras = frame.crop_cameras(box)
    in_crop = project_in_crop(pelvis + points @ rotation.T, camera, cameras.focal_crop)

    placed = cameras.translation_in_frame(camera, pelvis) + points @ cameras.root_in_frame(rotation).T
    pixels = frame.project(placed)

    torch.testing.assert_close(cameras.normalise(pixels), in_crop, atol=1e-9, rtol=1e-9)


@given(scenes())
def test_a_placed_body_tells_its_weak_perspective(scene):
    frame, box, camera, _, _, pelvis = scene
    for crops in (frame.crop_cameras(box), frame.crop_cameras(box, straight=True)):
        placed = crops.translation_in_frame(camera, pelvis)
        torch.testing.assert_close(crops.weak_perspective(placed, pelvis), camera, atol=1e-9, rtol=1e-9)


@given(scenes())
def test_single_precision_is_enough_for_that(scene):
    frame, box, camera, rotation, points, pelvis = scene
    cameras = frame.crop_cameras(box.float())
    rotation, pelvis = rotation.float(), pelvis.float()
    points = points.float()
    in_crop = project_in_crop(pelvis + points @ rotation.T, camera.float(), cameras.focal_crop)
    placed = cameras.translation_in_frame(camera.float(), pelvis) + points @ cameras.root_in_frame(rotation).T
    torch.testing.assert_close(cameras.normalise(frame.project(placed)), in_crop, atol=1e-4, rtol=1e-4)


@given(scenes())
def test_the_crops_camera_looks_at_the_middle_of_the_box(scene):
    frame, box, *_ = scene
    cameras = frame.crop_cameras(box)
    middle = (box[:2] + box[2:]) / 2
    torch.testing.assert_close(cameras.normalise(middle[None]), torch.zeros(1, 2).double(), atol=1e-9, rtol=0)
    ahead = cameras.rotation @ torch.tensor([0.0, 0.0, 1.0]).double()
    torch.testing.assert_close(frame.project(ahead), middle, atol=1e-6, rtol=0)
    torch.testing.assert_close(cameras.rotation.det(), torch.ones(()).double())


@given(scenes())
def test_a_straight_crops_point_stands_where_the_crop_shows_it(scene):
    frame, box, camera, rotation, _, pelvis = scene
    cameras = frame.crop_cameras(box, straight=True)
    size = box[2] - box[0]
    in_crop = project_in_crop(pelvis[None], camera, cameras.focal_crop)[0]
    placed = cameras.translation_in_frame(camera, pelvis)
    torch.testing.assert_close(frame.project(placed), (box[:2] + box[2:]) / 2 + in_crop * size / 2)
    torch.testing.assert_close(placed[2] - pelvis[2], 2 * frame.focal_px / (size * camera[0]))
    turned = frame.crop_cameras(box).root_in_frame(rotation)
    torch.testing.assert_close(cameras.root_in_frame(rotation), turned)


def test_straight_crops_agree_with_the_released_full_image_camera(released_cameras):
    """Points as far away as the pelvis, through a lens as of any phone."""
    frame = PinholeCamera.assumed(WIDTH, HEIGHT)
    middle, size = released_cameras["bbox_cxcywh"][:, :2], released_cameras["bbox_cxcywh"][:, 2:]
    boxes = torch.cat([middle - size / 2, middle + size / 2], -1)
    points = released_cameras["joints"].double() * torch.tensor([1.0, 1.0, 0.0])
    cameras = frame.crop_cameras(boxes, straight=True).to("cpu")
    for index in range(points.shape[1]):
        placed = cameras.translation_in_frame(released_cameras["cam"].double(), points[:, index])
        scale_x, scale_y, shift_x, shift_y = released_cameras["orig_cam_1280x720"].T
        expected_x = scale_x * (points[:, index, 0] + shift_x) * WIDTH / 2 + WIDTH / 2
        expected_y = scale_y * (points[:, index, 1] + shift_y) * HEIGHT / 2 + HEIGHT / 2
        expected = torch.stack([expected_x, expected_y], -1)
        torch.testing.assert_close(frame.project(placed), expected, atol=1e-3, rtol=0)


def test_a_box_in_the_middle_of_the_frame_spans_minus_one_to_one():
    cameras = PinholeCamera(900.0, (640.0, 360.0)).crop_cameras(torch.tensor([540.0, 260.0, 740.0, 460.0]))
    corners = torch.tensor([[540.0, 260.0], [740.0, 460.0], [540.0, 460.0]])
    expected = torch.tensor([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    torch.testing.assert_close(cameras.normalise(corners), expected)
    torch.testing.assert_close(cameras.rotation, torch.eye(3))


def test_roots_come_back_from_the_frame():
    cameras = PinholeCamera(600.0, (640.0, 360.0)).crop_cameras(torch.tensor([[0.0, 0.0, 200.0, 200.0]]))
    root = rotmat_from_axis_angle(torch.tensor([[0.3, -1.0, 2.0]]))
    torch.testing.assert_close(cameras.root_in_crop(cameras.root_in_frame(root)), root)


def test_cameras_follow_to_a_device():
    cameras = PinholeCamera(600.0, (640.0, 360.0)).crop_cameras(torch.tensor([[0.0, 0.0, 200.0, 200.0]]))
    moved = cameras.to("meta")
    assert moved.rotation.device.type == moved.focal_crop.device.type == "meta"
    assert moved.rotation.shape == cameras.rotation.shape


def test_the_assumed_focal_length_is_the_diagonal_unless_given():
    assert PinholeCamera.assumed(1280, 720) == PinholeCamera(math.hypot(1280, 720), (640.0, 360.0))
    assert PinholeCamera.assumed(1280, 720, 800.0).focal_px == 800


def test_the_optical_axis_lands_in_the_centre():
    camera = PinholeCamera(500.0, (320.0, 240.0))
    points = torch.tensor([[0.0, 0.0, 3.0], [1.0, 0.0, 2.0], [0.0, -1.0, 4.0]])
    expected = torch.tensor([[320.0, 240.0], [570.0, 240.0], [320.0, 115.0]])
    torch.testing.assert_close(camera.project(points), expected)
