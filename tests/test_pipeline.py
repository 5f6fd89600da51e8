"""From a video to motions, on a few real frames."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from tcmr.camera import CameraMovement, PinholeCamera
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.people.camera_turns import CameraTurns
from tcmr.pipeline import by_person, in_shot, other_focal, run
from tcmr.result import Result
from tcmr.stages import Stages
from tcmr.types import Frame

PER_FRAME = (
    "rotmat", "betas", "camera", "joints_m", "attention", "frames", "transl_m", "boxes_xyxy_px", "bridged",
)  # fmt: skip


@pytest.fixture(scope="module")
def options(untrained) -> Options:
    return Options(weights=str(untrained))


@pytest.fixture(scope="module")
def models(options) -> Models:
    return Models.load(options)


@pytest.fixture(scope="module")
def result(street, options, models) -> Result:
    return run(street, options, models)


def test_people_are_found_in_every_frame(result):
    assert result.motions
    for motion in result.motions:
        np.testing.assert_array_equal(motion.frames, np.arange(12))
        assert motion.fps == pytest.approx(30, rel=1e-3)
    assert len(result.timestamps_s) == 12


def test_bodies_stand_on_the_persons(result):
    """Even untrained weights put the body in the crop: the pelvis' projection is within the box."""
    for motion in result.motions:
        pelvis_px = result.camera.project(torch.from_numpy(motion.transl_m)).numpy()
        assert (pelvis_px > motion.boxes_xyxy_px[:, :2]).all()
        assert (pelvis_px < motion.boxes_xyxy_px[:, 2:]).all()
        assert (motion.transl_m[:, 2] > 0).all()


def test_a_longer_lens_puts_people_farther_away(result, street, options, models):
    far = run(street, Options(weights=options.weights, focal_px=2 * result.camera.focal_px), models)
    for near_motion, far_motion in zip(result.motions, far.motions, strict=True):
        np.testing.assert_allclose(far_motion.transl_m[:, 2] / near_motion.transl_m[:, 2], 2, rtol=0.15)


@pytest.mark.parametrize("fit", ["on", "off"])
def test_a_person_of_known_height_is_that_tall(street, options, models, fit):
    guessed = run(street, replace(options, fit=fit), models)
    told = run(street, replace(options, fit=fit, height=f"{guessed.motions[0].person}:1.9,99:1.2"), models)
    y_m = models.body.with_shape(torch.from_numpy(told.motions[0].betas)).vertices_m[..., 1]
    np.testing.assert_allclose(y_m.amax(-1) - y_m.amin(-1), 1.9, atol=0.01)
    assert (told.motions[0].transl_m[:, 2] > guessed.motions[0].transl_m[:, 2]).all()
    for motion, same in zip(guessed.motions[1:], told.motions[1:], strict=True):
        np.testing.assert_array_equal(motion.joints_m, same.joints_m)
    assert told.warnings == [*guessed.warnings, "--height tells of person 99, who was not found"]


def test_shape_is_one_for_a_fitted_stretch_and_free_without(street, options, models):
    fitted, free = (run(street, replace(options, fit=fit), models).motions[0] for fit in ("on", "off"))
    assert np.ptp(fitted.betas, axis=0).max() == 0
    assert np.ptp(free.betas, axis=0).max() > 0
    assert np.abs(fitted.rotmat - free.rotmat).max() > 0.01


def test_without_tcmr_each_frame_stands_by_itself(result, street, options):
    off = replace(options, temporal="off")
    single = run(street, off, Models.load(off))
    assert single.making.choices["fit"] == "off"
    assert result.making.choices["fit"] == "on"
    for alone, temporal in zip(single.motions, result.motions, strict=True):
        assert (alone.attention == [0, 1, 0]).all()
        assert alone.weights.startswith("untrained-per-frame ")
        np.testing.assert_array_equal(alone.frames, temporal.frames)
        np.testing.assert_array_equal(alone.boxes_xyxy_px, temporal.boxes_xyxy_px)
        assert np.abs(alone.rotmat - temporal.rotmat).max() > 0.01


def test_persons_come_in_the_order_of_their_ids_with_their_stretches_joined(result):
    motion = result.motions[0]
    later = replace(motion, person=7, frames=motion.frames + 20)
    motions = by_person([later, replace(motion, person=2), replace(motion, person=7)])
    assert [whole.person for whole in motions] == [2, 7]
    assert motions[1].frames.tolist() == [*range(12), *range(20, 32)]
    assert by_person([]) == []


def test_threads_change_nothing(result, street, options, models):
    alone = run(street, options, models, Stages(threads=1))
    crowded = run(street, options, models, Stages(threads=3))
    for one, other in zip(alone.motions, crowded.motions, strict=True):
        np.testing.assert_array_equal(one.frames, other.frames)
        np.testing.assert_array_equal(one.joints_m, other.joints_m)
        np.testing.assert_array_equal(one.transl_m, other.transl_m)


def test_of_a_camera_that_stands_still_nothing_is_measured(street, options, models, result):
    still = run(street, replace(options, camera="still"), models)
    assert still.movement is None
    assert "camera" not in still.seconds
    assert result.movement is not None
    for one, other in zip(still.motions, result.motions, strict=True):
        np.testing.assert_array_equal(one.transl_m, other.transl_m)


def test_each_motion_knows_its_shot_and_how_the_camera_turned_in_it(result):
    """Twelve frames are taken for those of two shots; the camera pans in the second."""
    turns = CameraTurns(PinholeCamera.assumed(320, 240), 320, 240, 30.0)
    noise = np.random.default_rng(0).integers(0, 255, (240, 400, 3), np.uint8)
    wall = np.asarray(cv2.GaussianBlur(noise, (7, 7), 0), np.uint8)
    for index in range(12):
        left = 0 if index < 6 else 4 * (index - 6)
        turns.step(Frame(index, index / 30, wall[:, left : left + 320]), [], 0 if index < 6 else 6)
    parts = [
        replace(result.motions[0], **{name: getattr(result.motions[0], name)[rows] for name in PER_FRAME})
        for rows in (slice(0, 3), slice(4, 6), slice(6, 12))
    ]
    first, again, second = (in_shot(part, [0, 6], turns) for part in parts)
    assert [part.shot for part in (first, again, second)] == [0, 0, 6]
    assert first.camera_rotmat is None
    assert by_person([first, again])[0].shot == 0
    turned = torch.from_numpy(second.camera_rotmat)
    assert torch.allclose(turned[0], torch.eye(3))
    assert (turned.diagonal(dim1=1, dim2=2).sum(-1).diff() < 0).all()


@pytest.mark.parametrize(
    ("focal_px", "told_px", "unexplained", "says"),
    [
        (None, 1500.0, 0.02, True),
        (None, 1050.0, 0.02, False),
        (None, None, 0.02, False),
        (None, 1500.0, 0.3, False),
        (1000.0, 1500.0, 0.02, False),
    ],
)
def test_a_focal_length_is_told_where_it_is_another_and_was_only_assumed(
    focal_px, told_px, unexplained, says
):
    movement = CameraMovement(turned_deg=20.0, unexplained=unexplained, blind=0.0, focal_px=told_px)
    camera = PinholeCamera(1000.0, (320.0, 240.0))
    said = other_focal(Options(focal_px=focal_px), camera, movement)
    assert bool(said) == says
    assert all("--focal 1500" in line for line in said)
    assert not other_focal(Options(focal_px=focal_px), camera, None)
