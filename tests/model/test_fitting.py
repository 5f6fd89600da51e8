"""Fitting: a body off its landmarks is brought onto them, and one that is on them stays."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tcmr.body.landmarks import LandmarkPoints
from tcmr.camera import CropCameras, PinholeCamera
from tcmr.features.boxes import smooth_boxes, square_boxes
from tcmr.model import fitting
from tcmr.model.fitting import fit_to_landmarks
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Motion, Track
from tcmr.world.axes import steadied, turned

CAMERA = PinholeCamera(1000.0, (640.0, 360.0))
FRAMES = 60
LIMBS = fitting.indices(fitting.BLAZEPOSE_33, fitting.LIMBS_12)
Scene = tuple[Motion, Track, CropCameras]


@pytest.fixture(scope="module")
def scene(open_body, landmark_points) -> Scene:
    """Make a person four metres away who lifts both arms, and landmarks exactly on her."""
    axis_angle = torch.zeros(FRAMES, 24, 3)
    axis_angle[:, 0, 0] = torch.pi
    axis_angle[:, 16, 2] = -torch.linspace(1.2, 0.2, FRAMES)
    axis_angle[:, 17, 2] = torch.linspace(1.2, 0.2, FRAMES)
    rotmat = rotmat_from_axis_angle(axis_angle)
    pelvis = torch.tensor([0.1, 0.0, 4.0]).expand(FRAMES, 3)
    posed = open_body.with_shape(torch.zeros(10)).with_pose_at(rotmat, pelvis)
    xy_px = CAMERA.project(landmark_points.on(posed)).numpy()
    crops = CAMERA.crop_cameras(smooth_boxes(square_boxes(torch.from_numpy(xy_px)), 30.0))
    track = Track(
        id=1,
        segment=0,
        frames=np.arange(FRAMES),
        xy_px=xy_px,
        visibility=np.ones((FRAMES, 33), np.float32),
        world_m=np.zeros((FRAMES, 33, 3), np.float32),
        scores=np.ones(FRAMES, np.float32),
        bridged=np.zeros(FRAMES, bool),
        spread_px=np.zeros((FRAMES, 33), np.float32),
        flow_px=np.zeros((FRAMES, 33, 2), np.float32),
        flow_certainty=np.zeros((FRAMES, 33), np.float32),
    )
    motion = Motion(
        rotmat=rotmat.numpy(),
        betas=np.zeros((FRAMES, 10), np.float32),
        camera=crops.weak_perspective(pelvis, posed.shaped.joints_m[0].expand(FRAMES, 3)).numpy(),
        joints_m=(posed.joints_m - pelvis[:, None]).numpy(),
        attention=np.full((FRAMES, 3), 1 / 3, np.float32),
        frames=np.arange(FRAMES),
        fps=30.0,
        body="open",
        weights="none",
        transl_m=pelvis.numpy(),
    )
    return motion, track, crops


def points_px(motion: Motion, camera: PinholeCamera, body) -> np.ndarray:
    """Where a motion's body has BlazePose's points in a camera's picture."""
    posed = body.with_shape(torch.from_numpy(motion.betas)).with_pose_at(
        torch.from_numpy(motion.rotmat), torch.from_numpy(motion.transl_m)
    )
    return camera.project(LandmarkPoints.load().on(posed)).numpy()


def off_px(motion: Motion, track: Track, body, camera: PinholeCamera = CAMERA) -> np.ndarray:
    return np.linalg.norm((points_px(motion, camera, body) - track.xy_px)[:, LIMBS], axis=-1)


def lowered(
    motion: Motion, by_m: float, camera: PinholeCamera, body
) -> tuple[Motion, np.ndarray, CropCameras]:
    """Move somebody down in a camera's picture; return the motion, its points there and the crops."""
    low = replace(motion, transl_m=motion.transl_m + np.float32([0, by_m, 0]))
    xy_px = points_px(low, camera, body)
    return low, xy_px, camera.crop_cameras(smooth_boxes(square_boxes(torch.from_numpy(xy_px)), 30.0))


def disturbed(motion: Motion, body) -> Motion:
    """Bend the left arm and shift the whole body, alike in all frames."""
    wrong = np.zeros((24, 3), np.float32)
    wrong[16] = [0.0, 0.2, 0.2]
    turn = rotmat_from_axis_angle(torch.from_numpy(wrong)).numpy()
    rotmat = motion.rotmat @ turn
    joints = body.with_shape(torch.from_numpy(motion.betas)).with_pose(torch.from_numpy(rotmat)).joints_m
    return replace(
        motion,
        rotmat=rotmat,
        joints_m=(joints - joints[:, :1]).numpy(),
        transl_m=motion.transl_m + np.float32([0.1, 0.05, 0]),
    )


def test_a_body_on_its_landmarks_stays(scene, open_body):
    motion, track, crops = scene
    fitted = fit_to_landmarks(motion, track, CAMERA, crops, open_body)
    assert off_px(fitted, track, open_body).mean() < 1.5
    moved_m = np.linalg.norm(fitted.joints_m - motion.joints_m, axis=-1)
    assert moved_m.mean() < 0.008
    assert moved_m.max() < 0.06  # a hand, in depth, of which landmarks say nothing


def test_a_body_off_its_landmarks_is_brought_onto_them(scene, open_body):
    motion, track, crops = scene
    wrong = disturbed(motion, open_body)
    before = off_px(wrong, track, open_body).mean()
    fitted = fit_to_landmarks(wrong, track, CAMERA, crops, open_body)
    assert before > 20
    assert off_px(fitted, track, open_body).mean() < 0.15 * before
    elbow = fitting.SMPL_24.index("left_elbow")
    error, was = (
        np.linalg.norm(each.joints_m - motion.joints_m, axis=-1)[:, elbow] for each in (fitted, wrong)
    )
    assert error.mean() < 0.7 * was.mean()


def test_hands_turn_where_their_landmarks_point(scene, open_body):
    motion, track, crops = scene
    bent = np.zeros((24, 3), np.float32)
    bent[[20, 21], 2] = [-0.8, 0.8]
    hanging = replace(motion, rotmat=motion.rotmat @ rotmat_from_axis_angle(torch.from_numpy(bent)).numpy())
    seen = points_px(hanging, CAMERA, open_body)
    fitted = fit_to_landmarks(motion, replace(track, xy_px=seen), CAMERA, crops, open_body)
    hands = fitting.indices(fitting.BLAZEPOSE_33, ["left_index", "right_index"])
    before, after = (
        np.linalg.norm((points_px(each, CAMERA, open_body) - seen)[:, hands], axis=-1).mean()
        for each in (motion, fitted)
    )
    assert after < 0.5 * before


def test_a_person_far_away_is_fitted_like_one_nearby(scene, open_body, landmark_points):
    """Somebody ten times as far, as large in the picture, through a lens ten times as long."""
    motion, track, _ = scene
    away = PinholeCamera(10 * CAMERA.focal_px, CAMERA.center_xy_px)
    far = replace(motion, transl_m=motion.transl_m * np.float32([1, 1, 10]))
    posed = open_body.with_shape(torch.zeros(10)).with_pose_at(
        torch.from_numpy(far.rotmat), torch.from_numpy(far.transl_m)
    )
    xy_px = away.project(landmark_points.on(posed)).numpy()
    crops = away.crop_cameras(smooth_boxes(square_boxes(torch.from_numpy(xy_px)), 30.0))
    track = replace(track, xy_px=xy_px)
    wrong = disturbed(far, open_body)
    fitted = fit_to_landmarks(wrong, track, away, crops, open_body)
    before = off_px(wrong, track, open_body, away).mean()
    assert off_px(fitted, track, open_body, away).mean() < 0.15 * before


def test_all_that_is_said_of_the_motion_agrees(scene, open_body):
    motion, track, crops = scene
    fitted = fit_to_landmarks(disturbed(motion, open_body), track, CAMERA, crops, open_body)
    shaped = open_body.with_shape(torch.from_numpy(fitted.betas))
    joints = shaped.with_pose(torch.from_numpy(fitted.rotmat)).joints_m
    np.testing.assert_allclose(fitted.joints_m, (joints - joints[:, :1]).numpy(), atol=1e-5)
    placed = crops.translation_in_frame(torch.from_numpy(fitted.camera), shaped.joints_m[:, 0])
    np.testing.assert_allclose(placed.numpy(), fitted.transl_m, atol=1e-4)
    assert np.ptp(fitted.betas, axis=0).max() == 0


def test_a_trembling_landmark_does_not_shake_the_body(scene, open_body):
    motion, track, crops = scene
    trembling = track.xy_px.copy()
    noise = np.random.default_rng(0).normal(scale=25, size=(FRAMES, 2))
    trembling[:, fitting.BLAZEPOSE_33.index("left_wrist")] += noise.astype(np.float32)
    fitted = fit_to_landmarks(motion, replace(track, xy_px=trembling), CAMERA, crops, open_body)
    wrist = fitted.joints_m[:, fitting.SMPL_24.index("left_wrist")]
    still = motion.joints_m[:, fitting.SMPL_24.index("left_wrist")]
    assert np.linalg.norm(np.diff(wrist - still, n=2, axis=0), axis=-1).mean() < 0.006


def test_a_landmark_on_which_two_readings_disagree_does_not_move_the_body(scene, open_body):
    """The left wrist is seen a hand's breadth off for half a second; whether that is believed, the readings tell."""
    motion, track, crops = scene
    astray, wrist = track.xy_px.copy(), fitting.BLAZEPOSE_33.index("left_wrist")
    astray[10:25, wrist] += np.float32([14, -14])

    def moved_m(apart_px: float) -> float:
        spread_px = np.full((FRAMES, 33), 1, np.float32)
        spread_px[10:25, wrist] = apart_px
        seen = replace(track, xy_px=astray, spread_px=spread_px)
        fitted = fit_to_landmarks(motion, seen, CAMERA, crops, open_body)
        joint = fitting.SMPL_24.index("left_wrist")
        return float(np.linalg.norm(fitted.joints_m - motion.joints_m, axis=-1)[12:23, joint].mean())

    assert moved_m(apart_px=40) < 0.3 * moved_m(apart_px=1)


def test_how_the_picture_moves_tells_what_trembles(scene, open_body):
    """All landmarks tremble; the picture moves as the body truly does, but for one wild landmark."""
    motion, track, crops = scene
    noise = np.random.default_rng(0).normal(scale=6, size=track.xy_px.shape)
    trembling = replace(track, xy_px=(track.xy_px + noise).astype(np.float32))
    flow_px = np.concatenate([np.zeros((1, 33, 2), np.float32), np.diff(track.xy_px, axis=0)])
    flow_px[:, fitting.BLAZEPOSE_33.index("left_knee")] += np.float32([30, 0])
    knowing = replace(trembling, flow_px=flow_px, flow_certainty=np.full((FRAMES, 33), 2, np.float32))

    def shakes_px(seen: Track) -> float:
        fitted = fit_to_landmarks(motion, seen, CAMERA, crops, open_body)
        posed = open_body.with_shape(torch.from_numpy(fitted.betas)).with_pose_at(
            torch.from_numpy(fitted.rotmat), torch.from_numpy(fitted.transl_m)
        )
        error_px = CAMERA.project(LandmarkPoints.load().limbs_on(posed)).numpy() - track.xy_px[:, LIMBS]
        return float(np.linalg.norm(np.diff(error_px, axis=0), axis=-1).mean())

    assert shakes_px(knowing) < 0.6 * shakes_px(trembling)


def test_an_outlier_moves_nothing(scene, open_body):
    motion, track, crops = scene
    astray = track.xy_px.copy()
    astray[:, fitting.BLAZEPOSE_33.index("right_ankle")] += np.float32([200, -150])
    fitted = fit_to_landmarks(motion, replace(track, xy_px=astray), CAMERA, crops, open_body)
    moved_m = np.linalg.norm(fitted.joints_m - motion.joints_m, axis=-1)
    assert moved_m.mean() < 0.008
    assert moved_m[:, fitting.SMPL_24.index("right_ankle")].max() < 0.03


def test_what_is_not_in_the_picture_does_not_draw_the_body_off_what_is(scene, open_body):
    """Somebody from the chest up, whose guessed hips, arms and legs lie too low."""
    low = PinholeCamera(1000.0, (640.0, 100.0))
    motion, xy_px, crops = lowered(scene[0], 0.8, low, open_body)
    is_seen = ((xy_px >= 0) & (xy_px < [1280, 200])).all(-1)
    assert 0.3 < is_seen.mean() < 0.5
    guessed = np.where(is_seen[..., None], xy_px, xy_px + np.float32([0, 15]))
    fitted = fit_to_landmarks(motion, replace(scene[1], xy_px=guessed), low, crops, open_body)
    off = np.linalg.norm(points_px(fitted, low, open_body) - xy_px, axis=-1)
    assert off[is_seen].mean() < 1.4


def test_a_body_of_which_only_a_head_is_seen_is_not_leant_to_follow_it(scene, open_body):
    """Somebody whose head bobs up and down in a picture that shows no more: the body goes up and down as a whole."""
    low = PinholeCamera(1000.0, (640.0, 30.0))
    motion, xy_px, crops = lowered(scene[0], 0.66, low, open_body)
    is_seen = ((xy_px >= 0) & (xy_px < [1280, 60])).all(-1)
    assert is_seen[:, :11].all()
    assert is_seen[:, 11:13].mean() == 0
    xy_px[..., 1] += 5 * np.sin(np.arange(FRAMES, dtype=np.float32) / 5)[:, None]
    fitted = fit_to_landmarks(motion, replace(scene[1], xy_px=xy_px), low, crops, open_body)
    trunk = fitting.indices(fitting.SMPL_24, ["pelvis", "spine1", "spine2", "spine3"])
    np.testing.assert_allclose(fitted.rotmat[:, trunk], motion.rotmat[:, trunk], atol=1e-4)
    off = np.linalg.norm(points_px(fitted, low, open_body) - xy_px, axis=-1)
    assert off[:, :11].mean() < 3


def test_a_long_clip_is_fitted_in_stretches_that_show_no_seam(scene, open_body, monkeypatch):
    motion, track, crops = scene
    wrong = disturbed(motion, open_body)
    whole = fit_to_landmarks(wrong, track, CAMERA, crops, open_body)
    monkeypatch.setattr(fitting, "STRETCH", 20)
    parts = fit_to_landmarks(wrong, track, CAMERA, crops, open_body)
    np.testing.assert_allclose(parts.joints_m, whole.joints_m, atol=0.02)
    steps, whole_steps = (np.diff(each.joints_m, axis=0)[[19, 39]] for each in (parts, whole))
    np.testing.assert_allclose(steps, whole_steps, atol=0.004)


def first_of(motion: Motion) -> Motion:
    per_frame = ("rotmat", "betas", "camera", "joints_m", "attention", "frames", "transl_m")
    return replace(motion, **{name: getattr(motion, name)[:1] for name in per_frame})


def test_a_single_frame_can_be_fitted(scene, open_body):
    motion, track, crops = scene
    alone = fit_to_landmarks(
        first_of(motion), track.part(slice(0, 1)), CAMERA, crops.rows(slice(0, 1)), open_body
    )
    assert np.isfinite(alone.rotmat).all()


def test_a_standing_foot_does_not_slide_in_depth(scene, open_body):
    """The landmarks hardly tell that the estimate sways to and from the camera; the feet do."""
    motion, track, crops = scene
    sway_m = 0.03 * np.sin(np.linspace(0, 2 * np.pi, FRAMES, dtype=np.float32))
    swaying = replace(motion, transl_m=motion.transl_m + sway_m[:, None] * np.float32([0, 0, 1]))
    fitted = fit_to_landmarks(swaying, track, CAMERA, crops, open_body)
    ankle = fitting.SMPL_24.index("left_ankle")
    slides, slid = (
        np.abs(np.diff(each.joints_m[:, ankle, 2] + each.transl_m[:, 2])).mean() for each in (fitted, swaying)
    )
    assert slides < 0.35 * slid


def test_a_standing_foot_does_not_slide_where_the_camera_turns(scene, open_body):
    """Seen by a camera that pans, everybody's feet move; told of it, fitting holds those that stand."""
    motion, track, _ = scene
    pan = np.linspace(0, np.deg2rad(20), FRAMES)
    turns = rotmat_from_axis_angle(torch.from_numpy(np.outer(pan, [0, 1, 0]))).float().numpy()
    seen = turned(motion, turns.swapaxes(1, 2))
    trembling = points_px(seen, CAMERA, open_body) + np.random.default_rng(0).normal(
        scale=1.5, size=(FRAMES, 33, 2)
    ).astype(np.float32)
    crops = CAMERA.crop_cameras(smooth_boxes(square_boxes(torch.from_numpy(trembling)), 30.0))

    def slides_mm(told: np.ndarray | None) -> float:
        known = replace(seen, camera_rotmat=told)
        fitted = fit_to_landmarks(known, replace(track, xy_px=trembling), CAMERA, crops, open_body)
        world = steadied(replace(fitted, camera_rotmat=turns))
        feet_m = world.joints_m[:, fitting.FEET] + world.transl_m[:, None]
        return 1e3 * float(np.linalg.norm(np.diff(feet_m, axis=0), axis=-1).mean())

    assert slides_mm(turns) < 0.6 * slides_mm(None)
