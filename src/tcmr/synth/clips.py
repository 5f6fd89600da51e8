"""One rendered clip: the truth, and what BlazePose makes of the pictures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from tcmr.body import BodyModel
from tcmr.features.region import region_around_box, region_from_points
from tcmr.joints import SMPL_24, indices
from tcmr.people.flow import landmark_flow
from tcmr.rotations import axis_angle_from_rotmat
from tcmr.synth.appearance import Anatomy, dress
from tcmr.synth.camera_motion import CameraPath, film
from tcmr.synth.close_up import film_close_up
from tcmr.synth.compress import draw_compression
from tcmr.synth.hidden_face import HEAD_RADIUS_M, HIDDEN_CHANCE, hide_faces
from tcmr.synth.lens import draw_lens
from tcmr.synth.light import draw_lighting
from tcmr.synth.motion import SPLITS, MotionCapture, Performance, Split
from tcmr.synth.noise import MIN_SCORE
from tcmr.synth.poses import MAX_BETA
from tcmr.synth.render import Actor, Scene
from tcmr.synth.scenery import draw_scenery
from tcmr.types import Flow, Landmarks, Region

Array = np.ndarray

SIDE_PX = 320
PASSER_BY_CHANCE = 0.12
# BlazePose has lost the person when its next region is further off than this share of it.
MAX_DRIFT = 0.5
MIN_REGION_PX = 20.0


# What reads the landmarks of the person whom a region of a picture encloses.
Landmarker = Callable[[UInt8[Array, "height width 3"], Region], Landmarks]


@dataclass(frozen=True)
class Studio:
    """What all clips are made with."""

    motion: MotionCapture
    body: BodyModel
    anatomy: Anatomy
    pictures: Sequence[UInt8[Array, "_ _ 3"]]
    landmarker: Landmarker
    close_ups: bool = False


@dataclass(frozen=True)
class Truth:
    """What a clip shows, in camera coordinates. `pose` is axis-angle, the pelvis' rotation to the camera.

    `joints_m` are relative to the pelvis joint, which is at `root_m`.
    """

    pose: Float32[Array, "frames 24 3"]
    betas: Float32[Array, "10"]
    joints_m: Float32[Array, "frames 24 3"]
    root_m: Float32[Array, "frames 3"]
    joints_px: Float32[Array, "frames 24 2"]


@dataclass(frozen=True)
class RenderedClip:
    """A clip's truth, landmarks, and each picture's flow since the one before.

    `restarts` counts how often BlazePose had to be shown the person.
    """

    truth: Truth
    landmarks: tuple[Landmarks, ...]
    flows: tuple[Flow, ...]
    frames: tuple[UInt8[Array, "side side 3"], ...]
    focal_px: float
    source: str
    restarts: int


def make_clip(studio: Studio, split: Split, frames: int, seed: int, index: int) -> RenderedClip:
    """Make the clip of a number: the same again for the same seed, split, index and length.

    Raises:
        TcmrError: no captured motion of the split is long enough.
    """
    rng = np.random.default_rng([seed, SPLITS.index(split), index])
    performance = studio.motion.perform(split, frames, rng)
    betas = _draw_betas(rng)
    path = pelvis_path_m(studio.body, performance, betas)
    if studio.close_ups:
        camera = film_close_up(head_path_m(studio.body, performance, betas, path), SIDE_PX, rng)
    else:
        camera = film(path, SIDE_PX, rng)
    truth, actor = _stage(studio, performance, betas, path, camera, rng)
    actors = [actor]
    if rng.random() < PASSER_BY_CHANCE:
        actors.append(_passer_by(studio, split, path, camera, rng))
    scene = Scene(
        actors=actors,
        camera=camera,
        lighting=draw_lighting(camera.rotmat[0, 2], rng),
        scenery=draw_scenery(camera, studio.pictures, rng),
        lens=draw_lens(SIDE_PX, rng),
    )
    pictures = list(scene.render(rng))
    if rng.random() < HIDDEN_CHANCE:
        _hide_face(pictures, truth, camera.focal_px, rng)
    compression = draw_compression(rng)
    if compression is not None:
        pictures = compression.roundtrip(pictures)
    landmarks, restarts = follow(studio.landmarker, pictures, truth.joints_px, rng)
    return RenderedClip(
        truth,
        landmarks,
        tuple(_flows(pictures, landmarks)),
        tuple(pictures),
        camera.focal_px,
        performance.source,
        restarts,
    )


def follow(
    landmarker: Landmarker,
    pictures: Sequence[UInt8[Array, "side side 3"]],
    joints_px: Float32[Array, "frames 24 2"],
    rng: np.random.Generator,
) -> tuple[tuple[Landmarks, ...], int]:
    """Read landmarks frame by frame, each region from the last frame's; show it the person where it is lost.

    Returns the landmarks, and how often the person had to be shown.
    """
    region: Region | None = None
    read, shown = [], 0
    for rgb, joints in zip(pictures, joints_px, strict=True):
        if region is None:
            region = _first_region(joints, rng)
            shown += 1
        landmarks = landmarker(rgb, region)
        read.append(landmarks)
        region = landmarks.next_region if _on_person(landmarks, joints) else None
    return tuple(read), shown


def _flows(pictures: Sequence[UInt8[Array, "side side 3"]], landmarks: Sequence[Landmarks]) -> Iterator[Flow]:
    yield Flow.unknown()
    for before, now in pairwise(zip(pictures, landmarks, strict=True)):
        yield landmark_flow(before[0], now[0], before[1].xy_px, now[1].xy_px)


def _draw_betas(rng: np.random.Generator) -> Float32[Array, "10"]:
    return np.clip(rng.standard_normal(10), -MAX_BETA, MAX_BETA).astype(np.float32)


def pelvis_path_m(
    body: BodyModel, performance: Performance, betas: Float32[Array, "10"]
) -> Float32[Array, "frames 3"]:
    """Return the pelvis' path in the world for a body of a shape: its steps are as long as its legs."""
    joints = body.with_shape(torch.from_numpy(betas)).joints_m
    hip, knee, ankle = joints[indices(SMPL_24, ["left_hip", "left_knee", "left_ankle"])]
    leg_m = float((hip - knee).norm() + (knee - ankle).norm())
    return leg_m * performance.path_legs


def head_path_m(
    body: BodyModel,
    performance: Performance,
    betas: Float32[Array, "10"],
    pelvis_m: Float32[Array, "frames 3"],
) -> Float32[Array, "frames 3"]:
    """Return the head joint's path in the world."""
    posed = body.with_shape(torch.from_numpy(betas)).with_pose_at(
        performance.rotmat, torch.from_numpy(pelvis_m)
    )
    return posed.joints_m[:, indices(SMPL_24, "head")[0]].numpy()


def _stage(
    studio: Studio,
    performance: Performance,
    betas: Float32[Array, "10"],
    path_m: Float32[Array, "frames 3"],
    camera: CameraPath,
    rng: np.random.Generator,
) -> tuple[Truth, Actor]:
    """Put a dressed person before the camera."""
    rotmat = performance.rotmat.clone()
    rotmat[:, 0] = torch.from_numpy(camera.rotmat) @ rotmat[:, 0]
    shaped = studio.body.with_shape(torch.from_numpy(betas))
    root = torch.from_numpy(camera.to_camera(path_m))
    posed = shaped.with_pose(rotmat, root - shaped.joints_m[0])
    joints = posed.joints_m.numpy()
    truth = Truth(
        pose=axis_angle_from_rotmat(rotmat).numpy(),
        betas=betas,
        joints_m=joints - joints[:, :1],
        root_m=joints[:, 0],
        joints_px=camera.focal_px * joints[..., :2] / joints[..., 2:]
        + np.array(camera.center_xy_px, np.float32),
    )
    looks = dress(studio.anatomy, rng)
    return truth, Actor(posed.vertices().numpy(), looks.rgb, looks.thickness_m, studio.anatomy.faces)


def _passer_by(
    studio: Studio,
    split: Split,
    path_m: Float32[Array, "frames 3"],
    camera: CameraPath,
    rng: np.random.Generator,
) -> Actor:
    """Put another person near the first, before, behind or beside."""
    performance = studio.motion.perform(split, len(path_m), rng)
    betas = _draw_betas(rng)
    path = pelvis_path_m(studio.body, performance, betas)
    angle, away_m = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.8)
    beside = path_m.mean(0) - path.mean(0) + away_m * np.array([np.cos(angle), 0, np.sin(angle)])
    beside[1] = 0
    return _stage(studio, performance, betas, (path + beside).astype(np.float32), camera, rng)[1]


def _hide_face(
    pictures: Sequence[UInt8[Array, "side side 3"]], truth: Truth, focal_px: float, rng: np.random.Generator
) -> None:
    head = indices(SMPL_24, "head")[0]
    depth_m = truth.root_m[:, 2] + truth.joints_m[:, head, 2]
    hide_faces(pictures, truth.joints_px[:, head], focal_px * HEAD_RADIUS_M / depth_m, rng)


def _first_region(joints_px: Float32[Array, "24 2"], rng: np.random.Generator) -> Region:
    """Draw a region as a detector would give it: around a box, or from the hips along the back."""
    if rng.random() < 0.5:
        corners = np.stack([joints_px.min(0), joints_px.max(0)])
        size = np.ptp(corners, axis=0).max()
        return region_around_box((corners + size * rng.normal(0, 0.04, (2, 2))).ravel())
    hips, shoulders = (
        joints_px[indices(SMPL_24, [f"left_{joint}", f"right_{joint}"])].mean(0)
        for joint in ("hip", "shoulder")
    )
    radius = np.linalg.norm(joints_px - hips, axis=1).max() * rng.uniform(0.97, 1.24)
    back = shoulders - hips
    angle = np.arctan2(back[1], back[0]) + rng.normal(0, 0.1)
    center = hips + radius * rng.normal(0, 0.05, 2)
    return region_from_points(center, center + radius * np.array([np.cos(angle), np.sin(angle)]))


def _on_person(landmarks: Landmarks, joints_px: Float32[Array, "24 2"]) -> bool:
    region = landmarks.next_region
    hips = joints_px[indices(SMPL_24, ["left_hip", "right_hip"])].mean(0)
    drift_px = np.linalg.norm(np.asarray(region.center_xy_px) - hips)
    return (
        landmarks.score > MIN_SCORE
        and region.size_px > MIN_REGION_PX
        and bool(drift_px < MAX_DRIFT * region.size_px)
    )
