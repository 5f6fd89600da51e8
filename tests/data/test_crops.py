"""Clips -> crops: the truth must be one truth in all its forms, and augmentation what it says."""

from dataclasses import replace

import pytest
import torch

from tcmr.camera import project_in_crop
from tcmr.data.crops import BOX_SCALE, BOX_SHIFT, FOCAL_ERROR, crop_cameras, crop_clips, misplaced
from tcmr.features.boxes import smooth_boxes, square_boxes


@pytest.fixture
def cropped(exact_clips, open_body, landmark_points):
    clips = exact_clips()
    return clips, *crop_clips(clips, open_body, landmark_points)


@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_boxes_are_smoothed_at_the_clips_own_rate(exact_clips, fps):
    clips = replace(exact_clips(), fps=fps)
    boxes = smooth_boxes(square_boxes(clips.xy_px), fps)
    middles = torch.stack([boxes[..., :2], boxes[..., 2:]]).mean(0)[..., None, :]
    expected = torch.zeros_like(middles)
    torch.testing.assert_close(crop_cameras(clips).normalise(middles), expected, atol=1e-5, rtol=0)


def test_exact_landmarks_are_the_true_points_in_the_crop(cropped):
    _, inputs, truth = cropped
    torch.testing.assert_close(inputs.points, truth.points, atol=1e-5, rtol=0)
    assert inputs.points.abs().max() < 1.5


def test_the_true_points_project_into_the_crop(cropped):
    """The crop's camera is a pinhole: focal length times x over z."""
    _, _, truth = cropped
    projected = truth.focal_crop[..., None, None] * truth.points_m[..., :2] / truth.points_m[..., 2:]
    torch.testing.assert_close(projected, truth.points, atol=1e-4, rtol=0)


def test_the_true_parameters_make_the_true_joints(cropped, open_body):
    _, _, truth = cropped
    joints = open_body.with_shape(truth.betas).with_pose(truth.rotmat).joints_m
    expected = truth.joints_m - truth.joints_m[..., :1, :]
    torch.testing.assert_close(joints - joints[..., :1, :], expected, atol=1e-5, rtol=0)


def test_a_weak_perspective_exists_that_explains_the_image(cropped, open_body, landmark_points):
    """The pelvis' true place, as (s, tx, ty), and the true parameters: what the regressor is asked for."""
    _, _, truth = cropped
    shaped = open_body.with_shape(truth.betas)
    translation = truth.joints_m[..., 0, :] - shaped.joints_m[..., 0, :]
    camera = torch.cat([truth.focal_crop[..., None] / translation[..., 2:], translation[..., :2]], -1)
    points = landmark_points.on(shaped.with_pose(truth.rotmat))
    projected = project_in_crop(points, camera, truth.focal_crop)
    torch.testing.assert_close(projected, truth.points, atol=1e-4, rtol=0)


def test_single_frames_are_cropped_as_they_are(exact_clips, open_body, landmark_points):
    clips = exact_clips(frames=1)
    inputs, truth = crop_clips(clips, open_body, landmark_points)
    extent = (inputs.points.amax(-2) - inputs.points.amin(-2)).amax(-1)
    torch.testing.assert_close(extent, torch.full((3, 1), 2 / 1.2), atol=0.05, rtol=0)
    assert truth.rotmat.shape == (3, 1, 24, 3, 3)


def test_frames_cuts_all_alike(cropped):
    _, _, truth = cropped
    part = truth.frames(slice(3, 6))
    for name, tensor in vars(part).items():
        torch.testing.assert_close(tensor, getattr(truth, name)[:, 3:6], msg=name)


def test_augmentation_is_repeatable_and_changes_the_crop_not_the_person(
    exact_clips, open_body, landmark_points
):
    clips = exact_clips()

    def draw(seed: int):
        generator = torch.Generator().manual_seed(seed)
        return crop_clips(clips, open_body, landmark_points, augment=generator)

    (inputs, truth), (again, _), (other, _) = draw(1), draw(1), draw(2)
    torch.testing.assert_close(inputs.points, again.points, atol=0, rtol=0)
    assert not torch.allclose(inputs.points, other.points)
    torch.testing.assert_close(inputs.points, truth.points, atol=1e-4, rtol=0)
    _, plain = crop_clips(clips, open_body, landmark_points)
    torch.testing.assert_close(truth.betas, plain.betas)
    torch.testing.assert_close(truth.rotmat[..., 1:, :, :], plain.rotmat[..., 1:, :, :])


def test_the_focal_length_is_misjudged_by_its_deviation(exact_clips, open_body, landmark_points):
    clips = exact_clips(count=1, frames=2)
    many = clips.windows(torch.zeros(400, dtype=torch.int64), torch.zeros(400, dtype=torch.int64), 2)
    _, plain = crop_clips(clips, open_body, landmark_points)
    _, truth = crop_clips(many, open_body, landmark_points, augment=torch.Generator().manual_seed(0))
    spread = (truth.focal_crop / plain.focal_crop).log().std().item()
    assert spread == pytest.approx((FOCAL_ERROR**2 + BOX_SCALE**2) ** 0.5, rel=0.15)


def test_boxes_are_misplaced_as_a_whole():
    boxes = torch.tensor([100.0, 50.0, 300.0, 250.0]).expand(2000, 3, 4)
    moved = misplaced(boxes, torch.Generator().manual_seed(0))
    torch.testing.assert_close(moved, moved[:, :1].expand(-1, 3, -1))
    size = moved[:, 0, 2:] - moved[:, 0, :2]
    torch.testing.assert_close(size[:, 0], size[:, 1], atol=1e-3, rtol=0)
    middle = (moved[:, 0, 2:] + moved[:, 0, :2]) / 2
    assert (size / 200).log().std().item() == pytest.approx(BOX_SCALE, rel=0.1)
    assert middle.std(0).tolist() == pytest.approx([BOX_SHIFT * 200] * 2, rel=0.1)
    assert middle.mean(0).tolist() == pytest.approx([200, 150], abs=1)


def test_crops_look_at_the_person(cropped):
    """The true bodies stand about the crop camera's axis, whatever their place in the frame."""
    clips, _, truth = cropped
    assert (truth.joints_m[..., 0, :2].norm(dim=-1) < 0.35).all()
    distance = truth.joints_m[..., 0, :].norm(dim=-1)
    torch.testing.assert_close(distance, clips.root_m.norm(dim=-1))
