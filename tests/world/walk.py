"""Somebody who walks on a floor before a tilted camera: the truth, and what a crop's camera makes of it."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from tcmr.body import BodyModel
from tcmr.joints import SMPL_24, indices
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Motion
from tcmr.world.feet import foot_points_m

FPS, STEP_S = 30.0, 0.5
CAMERA_HEIGHT_M = 1.4


@dataclass(frozen=True)
class Walk:
    """A walk as it is, in level axes (y down, the floor at y = 0), and as it is seen in camera axes."""

    truth: Motion
    left_stands: np.ndarray
    seen_without_errors: Motion
    seen: Motion
    down: np.ndarray


def leg_turns(phase: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the angles about x of hip and knee: back at a constant rate while standing, then swung forward."""
    standing = phase < 0.5
    share = np.where(standing, phase * 2, phase * 2 - 1)
    stride = np.where(standing, 1 - 2 * share, -np.cos(np.pi * share))
    knee = np.where(standing, 0.1, 0.1 + 0.9 * np.sin(np.pi * share) ** 2)
    return -0.4 * stride - knee / 2, knee


def walking_pose(frames: int) -> torch.Tensor:
    """Return rotations [frames, 24, 3, 3] of a walk along +z with flat feet, y up, the pelvis unturned."""
    turns = np.zeros((frames, 24, 3))
    time = np.arange(frames) / FPS
    for side, delay in (("left", 0.0), ("right", 0.5)):
        hip, knee = leg_turns((time / (2 * STEP_S) + delay) % 1)
        rows = indices(SMPL_24, [f"{side}_hip", f"{side}_knee", f"{side}_ankle", f"{side}_shoulder"])
        turns[:, rows[0], 0], turns[:, rows[1], 0], turns[:, rows[2], 0] = hip, knee, -hip - knee
        turns[:, rows[3], 2] = -1.2 if side == "left" else 1.2
    return rotmat_from_axis_angle(torch.from_numpy(turns)).float()


def walk(body: BodyModel, frames: int, heading_deg: float, tilt_deg: tuple[float, float], seed: int) -> Walk:
    """Walk so that the lower foot never slides, and see it with errors in distance, direction and legs."""
    rotmat = walking_pose(frames)
    upright = Rotation.from_euler("yx", [heading_deg, 180], degrees=True).as_matrix()  # y up to y down
    rotmat[:, 0] = torch.from_numpy(upright).float() @ rotmat[:, 0]
    zeros = np.zeros((frames, 3), np.float32)
    rooted = body.with_shape(torch.zeros(10)).with_pose(rotmat).joints_m
    still = Motion(
        rotmat=rotmat.numpy(),
        betas=np.zeros((frames, 10), np.float32),
        camera=zeros,
        joints_m=(rooted - rooted[:, :1]).numpy(),
        attention=zeros,
        frames=np.arange(frames),
        fps=FPS,
        body=f"{body.name} {body.sha256}",
        weights="none 0",
        transl_m=zeros,
    )
    feet = foot_points_m(still, body)
    left_stands = (np.arange(frames) / FPS / (2 * STEP_S)) % 1 < 0.5
    standing = np.where(left_stands[:, None], feet[:, 0], feet[:, 2])
    steps = np.diff(standing, axis=0)
    changed = left_stands[1:] != left_stands[:-1]
    steps[changed] = 0
    path = np.concatenate([[np.zeros(3)], -np.cumsum(steps, 0)])
    path[:, 1] = -feet[..., 1].max(1)
    path[:, [0, 2]] += [0.0, 5.0] - path[:, [0, 2]].mean(0)
    truth = replace(still, transl_m=path.astype(np.float32))

    tilt = Rotation.from_euler("xz", tilt_deg, degrees=True).as_matrix()
    down = tilt @ [0.0, 1.0, 0.0]
    from_camera = replace(truth, transl_m=truth.transl_m + np.array([0, CAMERA_HEIGHT_M, 0], np.float32))
    exact = turned(from_camera, tilt)
    return Walk(truth, left_stands, exact, with_errors(exact, body, seed), down)


def turned(motion: Motion, turn: np.ndarray) -> Motion:
    turn = turn.astype(np.float32)
    return replace(
        motion,
        rotmat=np.concatenate([turn @ motion.rotmat[:, :1], motion.rotmat[:, 1:]], 1),
        joints_m=motion.joints_m @ turn.T,
        transl_m=motion.transl_m @ turn.T,
    )


def with_errors(motion: Motion, body: BodyModel, seed: int) -> Motion:
    """Add what real clips show: errors of distance that jitter and that drift, of direction, slow ones of pose."""
    rng = np.random.default_rng(seed)
    path = motion.transl_m.astype(np.float64)
    path[:, :2] += 0.002 * path[:, 2:] * rng.normal(size=(len(path), 2))
    path *= np.exp(0.02 * rng.normal(size=(len(path), 1)) + 0.02 * slow_noise(rng, (len(path), 1)))
    turns = torch.from_numpy(np.deg2rad(1.0) * slow_noise(rng, (len(path), 24, 3))).float()
    rotmat = torch.from_numpy(motion.rotmat) @ rotmat_from_axis_angle(turns)
    joints = body.with_shape(torch.from_numpy(motion.betas)).with_pose(rotmat).joints_m
    return replace(
        motion,
        rotmat=rotmat.numpy(),
        joints_m=(joints - joints[:, :1]).numpy(),
        transl_m=path.astype(np.float32),
    )


def slow_noise(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return noise of unit size that takes half a second to change."""
    noise = gaussian_filter1d(rng.normal(size=shape), 0.25 * FPS, axis=0)
    return noise / noise.std()
