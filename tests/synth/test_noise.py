"""The bank of BlazePose's errors: measured on clips whose errors are known."""

from dataclasses import replace

import pytest
import torch

from tcmr.body.landmarks import hip_centred
from tcmr.joints import BLAZEPOSE_33, mirrored
from tcmr.synth.noise import (
    STANDARD_HEIGHT_M,
    LandmarkNoise,
    standard_size,
)

SCALE = 1.1


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pixels_per_m(clips) -> torch.Tensor:
    return clips.focal_px[:, None, None, None] / clips.root_m[:, :, None, 2:]


def test_exact_landmarks_have_no_error(exact_clips, open_body, landmark_points):
    clips = exact_clips(scale=SCALE)
    noise = LandmarkNoise.measure(clips, open_body, landmark_points)
    assert noise.image_m.abs().max() < 1e-5
    assert noise.world_m.abs().max() < 1e-5
    torch.testing.assert_close(noise.scale, torch.full((3,), SCALE), atol=1e-4, rtol=0)
    torch.testing.assert_close(noise.gain, torch.ones(33, 3), atol=1e-4, rtol=0)
    assert noise.usable.all()
    assert torch.equal(noise.visibility, clips.visibility)


def test_errors_in_the_picture_come_back_in_metres(exact_clips, open_body, landmark_points):
    clips = exact_clips()
    error_m = 0.05 * torch.randn(clips.xy_px.shape, generator=seeded())
    seen = replace(clips, xy_px=clips.xy_px + error_m * pixels_per_m(clips))
    noise = LandmarkNoise.measure(seen, open_body, landmark_points)
    torch.testing.assert_close(noise.image_m, error_m, atol=1e-5, rtol=0)


def test_small_errors_in_the_world_come_back(exact_clips, open_body, landmark_points):
    clips = exact_clips(frames=60, scale=SCALE)
    error_m = 0.01 * torch.randn(clips.world_m.shape, generator=seeded())
    noise = LandmarkNoise.measure(replace(clips, world_m=clips.world_m + error_m), open_body, landmark_points)
    torch.testing.assert_close(noise.scale, torch.full((3,), SCALE), atol=0.01, rtol=0)
    assert (noise.world_m - error_m).norm() < 0.25 * error_m.norm()


def test_a_coordinate_that_blazepose_shows_by_half_has_a_gain_of_half(
    exact_clips, open_body, landmark_points
):
    clips = exact_clips(scale=1.0)
    halved = clips.world_m.clone()
    nose, depth = BLAZEPOSE_33.index("nose"), 2
    halved[:, :, nose, depth] *= 0.5
    noise = LandmarkNoise.measure(replace(clips, world_m=halved), open_body, landmark_points)
    others = noise.gain.flatten().median()
    assert (noise.gain[nose, depth] / others).item() == pytest.approx(0.5, abs=0.01)


def test_flips_and_unsure_frames_are_left_out(exact_clips, open_body, landmark_points):
    clips = exact_clips()
    world, score = clips.world_m.clone(), clips.score.clone()
    world[1, 5] = world[1, 5][mirrored(BLAZEPOSE_33)] * torch.tensor([1.0, 1.0, -1.0])
    score[2, 7:9] = 0.3
    noise = LandmarkNoise.measure(replace(clips, world_m=world, score=score), open_body, landmark_points)
    left_out = (~noise.usable).nonzero().tolist()
    assert left_out == [[1, 5], [2, 7], [2, 8]]
    torch.testing.assert_close(noise.scale, torch.full((3,), SCALE), atol=1e-4, rtol=0)


def test_the_standard_size_makes_every_body_equally_tall(open_body):
    shaped = open_body.with_shape(torch.randn(10, 10, generator=seeded()))
    head, ankle = shaped.joints_m[:, 15, 1], shaped.joints_m[:, 7, 1]
    torch.testing.assert_close((head - ankle) * standard_size(shaped), torch.full((10,), STANDARD_HEIGHT_M))


def test_hip_centred_points_have_the_hips_about_the_origin():
    points = hip_centred(torch.randn(4, 33, 3, generator=seeded()))
    hips = [BLAZEPOSE_33.index(name) for name in ("left_hip", "right_hip")]
    torch.testing.assert_close(points[:, hips].mean(1), torch.zeros(4, 3), atol=1e-6, rtol=0)


@pytest.fixture
def numbered() -> LandmarkNoise:
    """Make a bank whose every error tells its clip (tens of thousands), frame (hundreds) and landmark."""
    clip, frame, row = torch.meshgrid(
        torch.arange(1, 4), torch.arange(1, 21), torch.arange(33), indexing="ij"
    )
    number = (10000 * clip + 100 * frame + row).float()
    usable = torch.ones(3, 20, dtype=torch.bool)
    usable[0, 8] = False
    return LandmarkNoise(
        image_m=torch.stack([number, number], -1),
        world_m=torch.stack([number, number, number], -1),
        visibility=number,
        scale=torch.tensor([1.0, 2.0, 3.0]),
        gain=torch.ones(33, 3),
        usable=usable,
    )


def test_samples_are_windows_of_the_bank_forward_or_backward_plain_or_mirrored(numbered):
    sample = numbered.sample(500, 6, seeded())
    number = sample.visibility.long()
    clip, frame, row = number // 10000, number // 100 % 100, number % 100
    torch.testing.assert_close(sample.scale, clip[:, 0, 0].float())
    assert (clip == clip[:, :1, :1]).all()

    steps = frame[:, :, 0].diff(dim=1)
    backwards = steps[:, 0] < 0
    assert (steps == torch.where(backwards, -1, 1)[:, None]).all()
    assert backwards.float().mean().item() == pytest.approx(0.5, abs=0.1)

    mirror = row[:, 0, 1] != 1
    rows = torch.arange(33)
    expected_rows = torch.where(mirror[:, None], rows[mirrored(BLAZEPOSE_33)], rows)
    assert (row == expected_rows[:, None]).all()
    assert mirror.float().mean().item() == pytest.approx(0.5, abs=0.1)

    side = torch.where(mirror, -1, 1)[:, None, None]
    assert torch.equal(sample.image_m[..., 0].long(), side * number)
    assert torch.equal(sample.image_m[..., 1].long(), number)
    assert torch.equal(sample.world_m.long(), torch.stack([side * number, number, number], -1))


def test_samples_keep_off_unusable_frames(numbered):
    sample = numbered.sample(500, 6, seeded())
    number = sample.visibility[:, :, 0].long()
    assert not ((number // 10000 == 1) & (number // 100 % 100 == 9)).any()
    reached = set((number[number // 10000 == 1] // 100 % 100).tolist())
    assert reached == set(range(1, 21)) - {9}


def test_samples_are_repeatable(numbered):
    first, again = numbered.sample(20, 6, seeded(5)), numbered.sample(20, 6, seeded(5))
    assert torch.equal(first.image_m, again.image_m)
    assert not torch.equal(first.image_m, numbered.sample(20, 6, seeded(6)).image_m)


def test_a_window_may_be_as_long_as_a_clip(numbered):
    sample = numbered.sample(10, 20, seeded())
    assert (sample.scale > 1).all()  # the first clip has an unusable frame
