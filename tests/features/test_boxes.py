"""Square crops around a person, and their smoothing against scipy's."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from tcmr.features.boxes import BOX_SCALE, SMOOTHING_S, smooth_boxes, square_boxes

seeds = st.integers(0, 2**31)


def landmarks_of(seed: int, frames: int = 4) -> torch.Tensor:
    return 200 * torch.rand(frames, 33, 2, generator=torch.Generator().manual_seed(seed)).double()


def test_a_tall_person_has_a_box_a_fifth_taller_and_as_wide():
    points = torch.tensor([[100.0, 50.0], [140.0, 250.0], [120.0, 100.0]])
    assert square_boxes(points).tolist() == pytest.approx([0, 30, 240, 270], abs=1e-4)


@given(seeds)
def test_boxes_are_square_and_hold_every_point_with_room(seed):
    points = landmarks_of(seed)
    boxes = square_boxes(points)
    size = boxes[..., 2:] - boxes[..., :2]
    torch.testing.assert_close(size[..., 0], size[..., 1])
    extent = (points.amax(-2) - points.amin(-2)).amax(-1)
    torch.testing.assert_close(size[..., 0], BOX_SCALE * extent)
    room = (BOX_SCALE - 1) / 2 * extent[:, None, None] - 1e-9
    assert (points - boxes[:, None, :2] >= room).all()
    assert (boxes[:, None, 2:] - points >= room).all()


@given(seeds, st.floats(0.1, 10), st.floats(-500, 500))
def test_boxes_follow_the_points(seed, scale, shift):
    points = landmarks_of(seed)
    torch.testing.assert_close(square_boxes(scale * points + shift), scale * square_boxes(points) + shift)


@pytest.mark.parametrize("fps", [10.0, 25.0, 30.0, 60.0])
@pytest.mark.parametrize("frames", [1, 2, 5, 40])
def test_smoothing_is_a_gaussian_over_time_with_its_ends_held(fps, frames):
    boxes = square_boxes(landmarks_of(0, frames))
    deviation = SMOOTHING_S * fps
    radius = math.ceil(3 * deviation)
    expected = gaussian_filter1d(boxes.numpy(), deviation, axis=0, mode="nearest", radius=radius)
    torch.testing.assert_close(smooth_boxes(boxes, fps), torch.from_numpy(expected))


def test_clips_are_smoothed_each_by_itself():
    boxes = square_boxes(torch.stack([landmarks_of(1, 20), landmarks_of(2, 20)]))
    smooth = smooth_boxes(boxes, 30.0)
    torch.testing.assert_close(smooth[1], smooth_boxes(boxes[1], 30.0))


def test_smoothing_keeps_boxes_square_and_even_movement_as_it_is():
    time = torch.arange(60.0)[:, None]
    boxes = torch.tensor([10.0, 20.0, 110.0, 120.0]) + time * torch.tensor([2.0, -1.0, 2.0, -1.0])
    smooth = smooth_boxes(boxes, 30.0)
    torch.testing.assert_close(smooth[15:-15], boxes[15:-15], atol=1e-3, rtol=0)
    size = smooth_boxes(square_boxes(landmarks_of(3, 30)), 30.0)
    torch.testing.assert_close(size[:, 2] - size[:, 0], size[:, 3] - size[:, 1])
