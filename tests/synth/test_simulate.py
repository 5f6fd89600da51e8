"""Simulated clips: exact where nothing errs, and erring as often and as much as they say."""

from dataclasses import replace

import pytest
import torch

from tcmr.body.landmarks import hip_centred
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.joints import BLAZEPOSE_33, mirrored
from tcmr.synth import simulate
from tcmr.synth.noise import LandmarkNoise, NoiseSample, standard_size
from tcmr.synth.poses import MAX_BETA, PoseLibrary
from tcmr.synth.simulate import Simulator, flip_times, strengthened, with_depth, with_flips, with_hidden_limbs

SCALE = 0.9


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise_of(image_m: float = 0.0, world_m: float = 0.0) -> LandmarkNoise:
    """Make a bank of one clip whose errors are everywhere the same."""
    return LandmarkNoise(
        image_m=torch.full((1, 20, 33, 2), image_m),
        world_m=torch.full((1, 20, 33, 3), world_m),
        visibility=torch.full((1, 20, 33), 0.8),
        scale=torch.tensor([SCALE]),
        gain=torch.ones(33, 3),
        usable=torch.ones(1, 20, dtype=torch.bool),
    )


@pytest.fixture(scope="module")
def library(motion_file) -> PoseLibrary:
    return PoseLibrary.load(motion_file, "train")


@pytest.fixture
def perfect(library, open_body, landmark_points, monkeypatch) -> Simulator:
    """Make a simulator in which BlazePose never errs."""
    monkeypatch.setattr(simulate, "HIDDEN_LIMB_CHANCE", 0.0)
    return Simulator(library, open_body, landmark_points, noise_of(), flip_chance=0.0, close_up_chance=0.0)


def truth_of(clips: LandmarkClips, simulator: Simulator) -> torch.Tensor:
    return simulator.points.on(clips.bodies(simulator.body))


def test_without_errors_landmarks_are_the_projected_points(perfect):
    clips = perfect.draw(20, 8, seeded())
    truth = truth_of(clips, perfect)
    torch.testing.assert_close(clips.xy_px, truth[..., :2] / truth[..., 2:], atol=1e-5, rtol=0)
    assert (clips.visibility == 0.8).all()


def test_without_errors_world_landmarks_are_the_body_at_standard_size_seen_from_its_crop(perfect):
    clips = perfect.draw(20, 8, seeded())
    bodies = clips.bodies(perfect.body)
    truth = perfect.points.on(bodies)
    ahead = torch.nn.functional.normalize(clips.root_m, dim=-1)
    assert (ahead[..., 2] < 0.99).any()  # some persons stand far from the middle

    size = SCALE * standard_size(bodies.shaped)[..., None, None]
    torch.testing.assert_close(
        clips.world_m.norm(dim=-1), (hip_centred(truth) * size).norm(dim=-1), atol=1e-5, rtol=0
    )
    depth = ((hip_centred(truth) * size) * ahead[..., None, :]).sum(-1)
    torch.testing.assert_close(clips.world_m[..., 2], depth, atol=1e-5, rtol=0)


def test_clips_are_repeatable(perfect):
    first, again, other = (perfect.draw(4, 6, seeded(seed)) for seed in (1, 1, 2))
    for name in ("xy_px", "world_m", "rotmat", "betas", "root_m", "visibility"):
        assert torch.equal(getattr(first, name), getattr(again, name)), name
    assert not torch.equal(first.xy_px, other.xy_px)


def test_persons_stand_before_the_camera_within_the_distances(perfect):
    clips = perfect.draw(500, 2, seeded())
    depth = clips.root_m[..., 2]
    near, far = simulate.DISTANCES_M
    assert depth.min() > near - 0.3
    assert depth.max() < far + 0.3
    assert depth.median().item() == pytest.approx((near * far) ** 0.5, rel=0.1)
    assert clips.betas.abs().max() <= MAX_BETA
    assert clips.betas.std().item() == pytest.approx(0.98, abs=0.05)


def test_the_clip_walks_evenly(perfect):
    root = perfect.draw(50, 9, seeded()).root_m
    steps = root.diff(dim=1)
    torch.testing.assert_close(steps, steps[:, :1].expand_as(steps), atol=1e-5, rtol=0)
    assert steps[:, 0].std().item() == pytest.approx(0.04, rel=0.25)


def test_errors_count_in_metres_at_the_persons_depth(perfect):
    """One centimetre to the right and down, more or less strong, mirrored in half of the windows."""
    erring = replace(perfect, noise=noise_of(image_m=0.01, world_m=0.02))
    clips = erring.draw(200, 4, seeded())
    truth = truth_of(clips, erring)
    error_m = (clips.xy_px - truth[..., :2] / truth[..., 2:]) * clips.root_m[:, :, None, 2:]
    low, high = simulate.IMAGE_STRENGTHS
    down = error_m[..., 1]
    assert down.min() > 0.01 * low - 1e-4
    assert down.max() < 0.01 * high + 1e-4
    torch.testing.assert_close(down, down[:, :1, :1].expand_as(down), atol=1e-4, rtol=0)
    torch.testing.assert_close(error_m[..., 0].abs(), down, atol=1e-4, rtol=0)
    assert 0.35 < (error_m[:, 0, 0, 0] < 0).float().mean() < 0.65


def sample_of(count: int, frames: int) -> NoiseSample:
    return NoiseSample(
        image_m=torch.zeros(count, frames, 33, 2),
        world_m=torch.zeros(count, frames, 33, 3),
        visibility=torch.ones(count, frames, 33),
        scale=torch.ones(count),
    )


def test_limbs_hide_as_a_whole_for_a_whole_window_and_are_seen_less():
    sample = sample_of(3000, 4)
    hidden = with_hidden_limbs(sample, seeded())
    assert (sample.visibility == 1).all()
    wrong = hidden.world_m.abs().sum(-1) > 0
    assert torch.equal(wrong, wrong[:, :1].expand_as(wrong))
    assert torch.equal(wrong, (hidden.image_m.abs().sum(-1) > 0))
    assert (hidden.visibility[~wrong] == 1).all()
    assert (hidden.visibility[wrong] < 1).all()
    arm = [BLAZEPOSE_33.index(name) for name in ("left_elbow", "left_wrist", "left_index")]
    assert (wrong[:, 0, arm] == wrong[:, 0, arm[:1]]).all()
    share = wrong[:, 0, arm[0]].float().mean().item()
    assert share == pytest.approx(simulate.HIDDEN_LIMB_CHANCE / 3, abs=0.015)
    assert not wrong[:, 0, BLAZEPOSE_33.index("left_hip")].any()
    torch.testing.assert_close(hidden.image_m, hidden.world_m[..., :2])


def test_strength_is_one_factor_a_window():
    count = 500
    sample = replace(
        sample_of(count, 3), image_m=torch.ones(count, 3, 33, 2), world_m=torch.ones(count, 3, 33, 3)
    )
    strong = strengthened(sample, seeded())
    both = [(strong.image_m, simulate.IMAGE_STRENGTHS), (strong.world_m, simulate.WORLD_STRENGTHS)]
    for errors, (low, high) in both:
        factor = errors[:, 0, 0, 0]
        assert torch.equal(errors, factor[:, None, None, None].expand_as(errors))
        assert factor.min() >= low
        assert factor.max() <= high
        assert factor.mean().item() == pytest.approx((low + high) / 2, rel=0.05)
    assert not torch.equal(strong.image_m[:, 0, 0, 0], strong.world_m[:, 0, 0, 0])
    assert torch.equal(strong.visibility, sample.visibility)


def test_flips_are_as_frequent_as_they_say():
    flipped = flip_times(20000, 16, 0.12, seeded())
    expected = 0.12 * simulate.MOST_FLIPPED / 2
    assert flipped.float().mean().item() == pytest.approx(expected, rel=0.1)
    assert flipped.any(1).float().mean() < 0.12
    per_frame = flipped.float().mean(0)
    assert per_frame.std() < 0.2 * expected  # no frame of the window is special


def test_flips_last():
    """Confusion goes on for frames: a flipped frame's neighbour is flipped far more often than by chance."""
    flipped = flip_times(20000, 16, 0.12, seeded())
    again = flipped[:, 1:][flipped[:, :-1]].float().mean()
    assert again > 0.6


def test_single_frames_flip_as_often_as_frames_of_windows():
    single, window = flip_times(50000, 1, 0.12, seeded()), flip_times(20000, 16, 0.12, seeded())
    assert single.float().mean().item() == pytest.approx(window.float().mean().item(), rel=0.2)


def test_a_flip_exchanges_left_and_right_and_treats_depth_in_one_of_three_ways(perfect, monkeypatch):
    straight = perfect.draw(30, 4, seeded())
    monkeypatch.setattr(
        simulate, "flip_times", lambda count, frames, chance, generator: torch.ones(count, frames) > 0
    )
    flipped = with_flips(straight, 1.0, seeded())
    other = mirrored(BLAZEPOSE_33)
    assert torch.equal(flipped.xy_px, straight.xy_px[:, :, other])
    assert torch.equal(flipped.visibility, straight.visibility[:, :, other])
    torch.testing.assert_close(flipped.world_m[..., :2], straight.world_m[:, :, other, :2])
    kept, depth = straight.world_m[:, :, other, 2], flipped.world_m[..., 2]
    ways = torch.stack([(depth - way).abs().amax((-1, -2)) < 1e-5 for way in (kept, -kept)])
    assert ways.any(1).all()
    assert not ways.any(0).all()
    assert torch.equal(flipped.rotmat, straight.rotmat)


def test_turned_about_its_own_lean_a_body_faces_the_other_way():
    """A body that leans to the camera and faces it: the shoulders stay in front, the nose goes behind them."""
    world = torch.zeros(1, 1, 33, 3)
    world[..., 11:13, :] = torch.tensor([0.0, -0.5, -0.1])
    world[..., 0, :] = torch.tensor([0.0, -0.7, -0.3])
    depth = with_depth(world, torch.tensor([[1.0, -1.0]]))[0, 0, :, 2]
    assert depth[11].item() == pytest.approx(-0.1)
    assert depth[0].item() == pytest.approx(-0.14 + 0.16)


def test_drawn_clips_have_flips_where_nothing_else_errs(perfect):
    clips = replace(perfect, flip_chance=1.0).draw(50, 8, seeded())
    truth = truth_of(clips, perfect)
    exact = truth[..., :2] / truth[..., 2:]
    straight = (clips.xy_px - exact).abs().amax((-1, -2)) < 1e-5
    swapped = (clips.xy_px - exact[:, :, mirrored(BLAZEPOSE_33)]).abs().amax((-1, -2)) < 1e-5
    assert (straight | swapped).all()
    assert 0.1 < swapped.float().mean() < 0.5
