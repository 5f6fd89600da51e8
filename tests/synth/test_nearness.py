"""Simulated close-ups: who comes near, what the picture still shows, and what is guessed."""

from dataclasses import replace

import pytest
import torch

from tcmr.data.landmark_clips import LandmarkClips
from tcmr.joints import SMPL_24, indices
from tcmr.synth.nearness import NEAREST_M, Framing, come_close, with_guesses
from tcmr.synth.noise import LandmarkNoise
from tcmr.synth.poses import PoseLibrary
from tcmr.synth.simulate import Simulator


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def simulator(motion_file, open_body, landmark_points) -> Simulator:
    """Make a simulator in which BlazePose errs where it guesses only."""
    noise = LandmarkNoise(
        image_m=torch.zeros(1, 20, 33, 2),
        world_m=torch.zeros(1, 20, 33, 3),
        visibility=torch.full((1, 20, 33), 0.9),
        scale=torch.ones(1),
        gain=torch.ones(33, 3),
        usable=torch.ones(1, 20, dtype=torch.bool),
    )
    library = PoseLibrary.load(motion_file, "train")
    return Simulator(library, open_body, landmark_points, noise, flip_chance=0.0, close_up_chance=0.0)


@pytest.fixture(scope="module")
def afar(simulator) -> LandmarkClips:
    return simulator.draw(60, 6, seeded())


@pytest.fixture(scope="module")
def near(afar, simulator) -> tuple[LandmarkClips, Framing]:
    return come_close(afar, simulator.body, 1.0, seeded())


def points_of(clips: LandmarkClips, simulator: Simulator) -> torch.Tensor:
    return simulator.points.on(clips.bodies(simulator.body))


def test_nobody_comes_near_unless_asked(afar, simulator):
    same, framing = come_close(afar, simulator.body, 0.0, seeded())
    assert same is afar
    assert not framing.is_close.any()
    assert with_guesses(afar, points_of(afar, simulator), framing, seeded()) is afar


def test_as_many_come_near_as_are_asked(afar, simulator):
    clips, framing = come_close(afar, simulator.body, 0.5, seeded())
    assert 15 < framing.is_close.sum() < 45
    torch.testing.assert_close(clips.root_m[~framing.is_close], afar.root_m[~framing.is_close])


def test_heads_are_in_the_picture_and_nothing_is_too_near(near, simulator):
    clips, framing = near
    joints = clips.bodies(simulator.body).joints_m
    assert (joints[..., 2] > NEAREST_M - 1e-4).all()
    head = joints[:, :, indices(SMPL_24, ["head"])]
    assert (framing.beyond(head[..., :2] / head[..., 2:]).norm(dim=-1) == 0).float().mean() > 0.9


def test_the_picture_cuts_most_bodies(near, simulator):
    clips, framing = near
    points = points_of(clips, simulator)
    outside = framing.beyond(points[..., :2] / points[..., 2:]).norm(dim=-1) > 0
    assert outside.flatten(1).any(1).float().mean() > 0.95
    assert 0.3 < outside.float().mean() < 0.8


def test_what_is_seen_stays_and_the_rest_is_guessed_without_much_belief(near, simulator):
    clips, framing = near
    points = points_of(clips, simulator)
    exact = replace(clips, xy_px=points[..., :2] / points[..., 2:], visibility=torch.full((60, 6, 33), 0.9))
    outside = framing.beyond(exact.xy_px).norm(dim=-1) > 0
    guessed = with_guesses(exact, points, framing, seeded())
    assert torch.equal(guessed.xy_px[~outside], exact.xy_px[~outside])
    assert torch.equal(guessed.visibility[~outside], exact.visibility[~outside])
    assert (guessed.xy_px[outside] != exact.xy_px[outside]).any(-1).all()
    assert guessed.visibility[outside].mean() < 0.4
    assert guessed.visibility.max() <= 1


def test_guesses_err_more_the_further_out_and_stay_much_the_same_from_frame_to_frame(near, simulator):
    """Seen from afar, by a camera whose focal length is one: so far off is so many metres."""
    clips, framing = near
    points = points_of(clips, simulator)
    points = points + torch.tensor([0.0, 0.0, 100.0])
    framing = Framing(torch.full_like(framing.half, 0.004))
    exact = replace(clips, xy_px=points[..., :2] / points[..., 2:])
    far_m = framing.beyond(exact.xy_px).norm(dim=-1) * 100
    error_m = (with_guesses(exact, points, framing, seeded()).xy_px - exact.xy_px) * 100
    norm = error_m.norm(dim=-1)
    assert norm[(far_m > 0) & (far_m < 0.1)].mean() < 0.6 * norm[far_m > 0.8].mean()
    assert (error_m.diff(dim=1).norm(dim=-1)).mean() < 0.5 * norm.mean()
