"""Confusions of back and front, and of the legs: undone where landmarks jump, nothing else touched."""

from dataclasses import replace

import numpy as np
import pytest

from tcmr.joints import BLAZEPOSE_33
from tcmr.people.sides import BACK_AND_FRONT, LEGS, SIDED, Confusion, confused_frames, settle_sides
from tcmr.types import Track

FRAMES = 40


def walking_track() -> Track:
    """Make a person of 300 px who faces the camera, drifts sideways and swings the limbs."""
    generator = np.random.default_rng(0)
    pose_m = generator.normal(scale=0.25, size=(33, 3)) * [0.6, 1.5, 0.6]
    swing = 0.05 * np.sin(np.arange(FRAMES) / 5)[:, None, None] * generator.normal(size=(33, 3))
    world_m = (pose_m + swing + 0.003 * generator.normal(size=(FRAMES, 33, 3))).astype(np.float32)
    drift = np.stack([np.arange(FRAMES) * 4.0, np.zeros(FRAMES)], -1)[:, None]
    return Track(
        id=1,
        segment=0,
        frames=np.arange(FRAMES),
        xy_px=(world_m[..., :2] * 180 + 400 + drift).astype(np.float32),
        visibility=generator.uniform(0.5, 1, (FRAMES, 33)).astype(np.float32),
        world_m=world_m,
        scores=np.ones(FRAMES, np.float32),
        bridged=np.zeros(FRAMES, bool),
        spread_px=generator.random((FRAMES, 33)).astype(np.float32),
        flow_px=generator.normal(size=(FRAMES, 33, 2)).astype(np.float32),
        flow_certainty=generator.random((FRAMES, 33)).astype(np.float32),
    )


def confused(track: Track, wrong: np.ndarray, confusion: Confusion) -> Track:
    return replace(
        track,
        **{
            name: np.where(
                wrong.reshape(-1, *[1] * (values.ndim - 1)), values[:, confusion.other], values
            )
            for name, values in ((name, getattr(track, name)) for name in SIDED)
        },
    )  # fmt: skip


def test_who_was_never_confused_stays_as_he_is():
    track = walking_track()
    assert settle_sides(track, 30.0) is track


@pytest.mark.parametrize("wrong", [[7], [0, 1], [39], list(range(12, 27)), [5, 6, 7, 20, 30, 31]])
@pytest.mark.parametrize("confusion", [BACK_AND_FRONT, LEGS], ids=["back and front", "legs"])
def test_confusions_of_fewer_frames_than_half_are_undone(wrong, confusion):
    track, frames = walking_track(), np.isin(np.arange(FRAMES), wrong)
    seen = confused(track, frames, confusion)
    assert confused_frames(seen.xy_px, seen.world_m, 30.0, confusion).tolist() == frames.tolist()
    settled = settle_sides(seen, 30.0)
    for name in SIDED:
        np.testing.assert_array_equal(getattr(settled, name), getattr(track, name))


def test_the_majority_decides():
    """More than half wrong: the rest is taken for the error, as nothing tells otherwise."""
    frames = np.arange(FRAMES) < 30
    seen = confused(walking_track(), frames, BACK_AND_FRONT)
    assert confused_frames(seen.xy_px, seen.world_m, 30.0, BACK_AND_FRONT).tolist() == (~frames).tolist()


def test_who_really_turns_round_is_left_alone():
    """A turn takes frames: left and right cross over, and neither naming jumps."""
    track = walking_track()
    angle = np.linspace(0, np.pi, FRAMES)[:, None]
    x, z = track.world_m[..., 0], track.world_m[..., 2]
    world = np.stack(
        [x * np.cos(angle) + z * np.sin(angle), track.world_m[..., 1], z * np.cos(angle) - x * np.sin(angle)],
        -1,
    ).astype(np.float32)
    turning = replace(track, world_m=world, xy_px=(world[..., :2] * 180 + 400).astype(np.float32))
    assert settle_sides(turning, 30.0) is turning


def striding_track(fps: float) -> Track:
    """Make a person who goes by, seen from the side: the legs swing like pendulums and pass each other."""
    track = walking_track()
    world = np.repeat(track.world_m[:1], FRAMES, axis=0)
    swing_m = np.sin(2 * np.pi * 0.9 * np.arange(FRAMES) / fps)
    for side, sign in (("left", 1), ("right", -1)):
        for part, reach_m, height_m in (("knee", 0.13, 0.45), ("ankle", 0.28, 0.85)):
            joint = BLAZEPOSE_33.index(f"{side}_{part}")
            world[:, joint] = np.stack(
                [sign * reach_m * swing_m, np.full(FRAMES, height_m), np.full(FRAMES, sign * 0.1)], -1
            )
        for part in ("heel", "foot_index"):
            world[:, BLAZEPOSE_33.index(f"{side}_{part}")] = world[:, BLAZEPOSE_33.index(f"{side}_ankle")]
    return replace(track, world_m=world, xy_px=world[..., :2] * np.float32(180) + np.float32(400))


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
@pytest.mark.parametrize("wrong", [[], [4], [10, 11], [15, 17, 18, 30]])
def test_legs_that_pass_each_other_keep_their_names(fps, wrong):
    track, frames = striding_track(fps), np.isin(np.arange(FRAMES), wrong)
    settled = settle_sides(confused(track, frames, LEGS), fps)
    np.testing.assert_array_equal(settled.xy_px, track.xy_px)


def test_in_pictures_far_apart_in_time_legs_are_left_alone():
    """At 4 a second a leg is where the other was: nothing tells."""
    track = striding_track(4.0)
    assert settle_sides(track, 4.0) is track


def test_one_frame_is_no_trouble():
    track = walking_track().part(slice(0, 1))
    assert settle_sides(track, 30.0) is track
