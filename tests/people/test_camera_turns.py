"""Turns of a camera: pictures of one wall, turned by a known way, with people and traffic before it."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

from tcmr.camera import CameraMovement, PinholeCamera
from tcmr.people.camera_turns import CameraTurns
from tcmr.types import Frame

WIDTH, HEIGHT = 640, 360
CAMERA = PinholeCamera.assumed(WIDTH, HEIGHT)
FRAMES = np.arange(40)


def pattern(seed: int, height: int, width: int) -> np.ndarray:
    noise = np.random.default_rng(seed).random((height, width, 3))
    soft = gaussian_filter(noise, (3, 3, 0))
    return (255 * (soft - soft.min()) / np.ptp(soft)).astype(np.uint8)


WALL = pattern(0, 1200, 2400)


def filmed(turn: Rotation) -> np.ndarray:
    """Film the wall, far away, with a camera turned so (from its axes to those it had first)."""
    matrix = np.array([[CAMERA.focal_px, 0, WIDTH / 2], [0, CAMERA.focal_px, HEIGHT / 2], [0, 0, 1]])
    to_wall = np.array([[1, 0, (2400 - WIDTH) / 2], [0, 1, (1200 - HEIGHT) / 2], [0, 0, 1]])
    seen_at = to_wall @ matrix @ turn.as_matrix() @ np.linalg.inv(matrix)
    return np.asarray(
        cv2.warpPerspective(WALL, seen_at, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP),
        np.uint8,
    )


def measured(
    pictures, people=lambda index: [], fps: float = 30.0, shot=lambda index: 0, camera=CAMERA
) -> CameraTurns:
    turns = CameraTurns(camera, WIDTH, HEIGHT, fps)
    for index, rgb in enumerate(pictures):
        turns.step(Frame(index, index / fps, rgb), people(index), shot(index))
    return turns


def off_deg(turns: CameraTurns, truth: Rotation, frames: np.ndarray = FRAMES) -> np.ndarray:
    found = turns.rotmat(frames)
    assert found is not None
    return np.rad2deg((Rotation.from_matrix(found) * truth.inv()).magnitude())


def path(pan_deg: float, tilt_deg: float, roll_deg: float) -> Rotation:
    """Turn there, slowly at first and at last."""
    share = (1 - np.cos(np.pi * FRAMES / FRAMES[-1])) / 2
    return Rotation.from_rotvec(np.outer(share, np.deg2rad([tilt_deg, pan_deg, roll_deg])))


@given(pan=st.floats(-35, 35), tilt=st.floats(-10, 10), roll=st.floats(-8, 8))
@settings(max_examples=10)
def test_a_turn_is_measured_to_a_fraction_of_a_degree(pan, tilt, roll):
    truth = path(pan, tilt, roll)
    turns = measured(filmed(turn) for turn in truth)
    if turns.movement().turned_deg == 0:
        assert truth.magnitude().max() < np.deg2rad(0.3)
    else:
        assert off_deg(turns, truth).max() < 0.3  # so much may go unnoticed at first, where it is a roll


def test_somebody_who_walks_with_the_camera_changes_nothing():
    """The middle of the picture, from top to bottom, goes along with the camera, as somebody who is followed."""
    truth, person = path(25, 0, 0), pattern(1, HEIGHT, 240)

    def pictures():
        for turn in truth:
            rgb = filmed(turn)
            rgb[:, 200:440] = person
            yield rgb

    turns = measured(pictures(), lambda index: [np.array([200.0, 0, 440, HEIGHT])])
    assert off_deg(turns, truth).max() < 0.2


def test_a_bus_that_goes_by_a_camera_at_rest_turns_nothing():
    """It hides the half of what stands still, and nobody told that it is there."""
    bus, noise = pattern(2, 300, 420), np.random.default_rng(3)

    def pictures():
        for index in FRAMES:
            rgb = filmed(Rotation.identity())
            left = 15 * index - 420
            shown = slice(max(0, left), max(0, min(WIDTH, left + 420)))
            rgb[30:330, shown] = bus[:, shown.start - left : shown.stop - left]
            yield np.clip(rgb + noise.normal(scale=4, size=rgb.shape), 0, 255).astype(np.uint8)

    turns = measured(pictures())
    assert turns.movement() == CameraMovement(turned_deg=0.0, unexplained=0.0, blind=0.0, focal_px=None)
    assert turns.rotmat(FRAMES) is None


def test_a_turn_is_outvoted_by_no_bus():
    truth, bus = path(12, 3, 0), pattern(2, 200, 240)

    def pictures():
        for index, turn in zip(FRAMES, truth, strict=True):
            rgb = filmed(turn)
            left = 400 - 6 * index
            rgb[100:300, left : left + 240] = bus
            yield rgb

    assert off_deg(measured(pictures()), truth).max() < 0.2


@pytest.mark.parametrize("contrast", [1.0, 0.3, 0.2])
def test_a_title_over_a_pan_does_not_stop_it(contrast):
    """White letters are the strongest corners of all, the more so before a wall that has hardly any."""
    truth = path(25, 0, 0)

    def pictures():
        for turn in truth:
            rgb = (128 + contrast * (filmed(turn).astype(np.float32) - 128)).astype(np.uint8)
            for line in ("Where were you when it began?", "I was not there."):
                place = (110, 310 if line.endswith("?") else 340)
                cv2.putText(rgb, line, place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2)
            yield rgb

    assert off_deg(measured(pictures()), truth).max() < 0.3


def test_a_crowd_in_which_everybody_goes_another_way_turns_nothing():
    rng = np.random.default_rng(4)
    people = [pattern(5 + each, 60, 50) for each in range(30)]
    places, steps = rng.uniform([0, 0], [WIDTH - 90, HEIGHT - 100], (30, 2)), rng.uniform(-1, 1, (30, 2))

    def pictures():
        for index in FRAMES:
            rgb = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
            for person, (left, top) in zip(
                people, np.clip(places + index * steps, 0, None).astype(int), strict=True
            ):
                rgb[top : top + 60, left : left + 50] = person[: HEIGHT - top, : WIDTH - left]
            yield rgb

    assert measured(pictures()).movement().turned_deg < 0.5


def test_each_shot_begins_unturned():
    truth = path(20, 0, 0)
    turns = measured((filmed(turn) for turn in truth), shot=lambda index: 0 if index < 20 else 20)
    for part, begin in ((slice(0, 20), 0), (slice(20, 40), 20), (slice(25, 30), 20)):
        assert off_deg(turns, truth[begin].inv() * truth[part], FRAMES[part]).max() < 0.2


@pytest.mark.parametrize("fps", [60.0, 120.0])
def test_of_many_frames_a_second_some_are_passed_over(fps):
    truth = path(20, 0, 0)
    assert off_deg(measured((filmed(turn) for turn in truth), fps=fps), truth).max() < 0.5


def test_a_picture_that_shows_nothing_turns_nothing():
    truth, nothing = path(20, 0, 0), np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    turns = measured(filmed(turn) if index < 20 else nothing for index, turn in enumerate(truth))
    assert off_deg(turns, truth[:20], FRAMES[:20]).max() < 0.2
    assert off_deg(turns, Rotation.concatenate([truth[19]] * 20), FRAMES[20:]).max() < 0.2
    assert turns.movement().blind == 0.5


def test_a_jerk_that_nothing_can_be_followed_through_is_counted():
    seen = [Rotation.identity()] * 20 + [Rotation.from_rotvec([0, 0.4, 0])] * 20
    assert measured(map(filmed, seen)).movement().blind == 1 / 40


def test_one_frame_is_a_shot():
    assert measured([WALL[:HEIGHT, :WIDTH]]).rotmat(np.array([0])) is None


@pytest.mark.parametrize("assumed", [0.5, 1.0, 2.0])
def test_a_pan_tells_the_focal_length_whatever_was_assumed(assumed):
    camera = PinholeCamera(assumed * CAMERA.focal_px, CAMERA.center_xy_px)
    found = measured((filmed(turn) for turn in path(15, 4, 2)), camera=camera).movement()
    assert found.focal_px == pytest.approx(CAMERA.focal_px, rel=0.03)


def test_neither_a_camera_at_rest_nor_a_picture_that_slides_tells_a_focal_length():
    """A picture that slides as a whole, as when stage scenery is filmed by a camera on rails, bends by no lens."""
    assert measured([filmed(Rotation.identity())] * 10).movement().focal_px is None
    slid = (WALL[400 : 400 + HEIGHT, 5 * index : 5 * index + WIDTH] for index in FRAMES)
    assert measured(slid).movement().focal_px is None
