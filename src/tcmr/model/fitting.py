"""Fitting: a motion moved onto the landmarks that it was estimated from, no further than it takes.

The temporal model gives pose and place from one vector a frame: about right, not to the pixel, and still trembling a
little. Here its trembling is smoothed away; then the joints are turned a little and the pelvis is moved, both smoothly
in time, until the projected body lies on the landmarks, which brings fast movement back. A
landmark on which two readings of a frame disagree is not to be trusted and counts less (where there was one reading,
one that trembles); one far off counts nothing. A foot that hardly moves stands: that holds it still in depth too, where
landmarks say little. Shape becomes one for the whole stretch. Source of the idea: Bogo et al., "Keep it SMPL", ECCV
2016 (SMPLify); not in the paper.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.model import BodyModel, PosedBody, ShapedBody
from tcmr.camera import CropCameras, PinholeCamera
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, SMPL_24, indices
from tcmr.lowpass import low_pass, steep_low_pass, steep_low_pass_reach
from tcmr.model.placing import placed
from tcmr.rotations import mean_rotmat, rotmat_from_axis_angle
from tcmr.stretches import stretches
from tcmr.types import Motion, Track

# How far a correction may go at little cost: a joint's turn, and the distance as its logarithm.
TURN_RAD, DISTANCE = 0.8, 0.09
# What a still landmark may be off, as a share of the body's length in the picture; an outlier is off by so many
# times what it may.
UNSURE, OUTLIER = 0.03, 3.0
# What it counts to move as the picture does.
FLOW = 0.3
# Two readings so far apart are unsure by so many times that; a single one that trembles, by so many times as much.
SPREAD, TREMBLE = 2.0, 3.0
# What a landmark counts that is not in the picture, and so is guessed.
GUESSED = 0.2
# What a foot's joint that slides may cost at most, and from which speed on it rather walks than slides.
SLIDING, WALKING_MPS = 1.0, 0.3
# Deviations of the low-passes over time: steep ones of estimate and corrections, Gaussians of the trembling.
ESTIMATE_S, CORRECTION_S, TREMBLE_S, TREMBLE_SPREAD_S = 0.07, 0.095, 0.067, 0.133
# A gradient below FAINT (of the sum over frames) makes a smaller step: what nothing holds stays where it was estimated.
STEPS, STEP_SIZE, FAINT = 120, 0.06, 10.0
# Frames that are fitted at a time: bounds memory, and stretches can be fitted side by side. They overlap by as long as
# a foot stands.
STRETCH, STANCE_S = 512, 0.5
NEAREST_M = 0.2
# Feet and hands hang on few landmarks.
LOOSE_FREEDOM = 0.3
LOOSE = indices(SMPL_24, ["left_foot", "right_foot", "left_hand", "right_hand"])
# The landmarks that tell how a joint is turned: as far as they are out of the picture, it stays as it was estimated.
TELLING = {
    **dict.fromkeys(
        ("pelvis", "spine1", "spine2", "spine3"), ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
    ),
    **dict.fromkeys(("neck", "head"), ("nose", "left_ear", "right_ear")),
    **{
        f"{side}_{joint}": (f"{side}_{landmark}",)
        for side in ("left", "right")
        for joint, landmark in {
            "hip": "knee", "knee": "ankle", "ankle": "foot_index", "foot": "foot_index", "collar": "shoulder",
            "shoulder": "elbow", "elbow": "wrist", "wrist": "index", "hand": "index",
        }.items()
    },
}  # fmt: skip
FEET = indices(SMPL_24, ["left_ankle", "right_ankle", "left_foot", "right_foot"])


@dataclass(frozen=True)
class _Target:
    """Where landmarks are seen, how long the body is there, how unsure each is (share of it) and what it counts.

    The flow is what the picture itself says of each landmark's way since the frame before; `freedom` is how far joints
    may be turned, as a share of `TURN_RAD`; `steady` takes the camera's axes to those of one that does not turn.
    """

    xy_px: Float[Tensor, "frames 33 2"]
    length_px: Float[Tensor, " frames"]
    unsure: Float[Tensor, "frames 33"]
    weight: Float[Tensor, "frames 33"]
    flow_px: Float[Tensor, "frames 33 2"]
    flow_certainty: Float[Tensor, "frames 33"]
    freedom: Float[Tensor, "frames 24 1"]
    steady: Float[Tensor, "frames 3 3"]

    def rows(self, rows: slice) -> "_Target":
        """Return some of the frames."""
        return _Target(*(getattr(self, each.name)[rows] for each in fields(self)))


@dataclass(frozen=True)
class _Fitted:
    """A fitted stretch, and the frame with which it begins."""

    start: int
    rotmat: Float[Tensor, "frames 24 3 3"]
    pelvis_m: Float[Tensor, "frames 3"]


@torch.enable_grad()
def fit_to_landmarks(
    motion: Motion,
    track: Track,
    camera: PinholeCamera,
    crops: CropCameras,
    body: BodyModel,
    map: Callable[..., Iterable[Any]] = map,
) -> Motion:
    """Move the body of a placed motion onto the landmarks of its track.

    `crops` are the cameras of the track's crops, in which the motion's weak perspective is. Stretches are fitted
    through `map`, which may do several at once.
    """
    device = body.device
    target = _target(motion, track, camera, device)
    rotmat, betas, pelvis_m = (
        torch.tensor(values, device=device) for values in (motion.rotmat, motion.betas, motion.transl_m)
    )
    shaped = body.with_shape(betas.mean(0))
    reach_s = ESTIMATE_S + 2 * CORRECTION_S
    margin = steep_low_pass_reach(reach_s * motion.fps) + round(STANCE_S * motion.fps)

    def fitted(stretch: slice) -> _Fitted:
        start = max(0, stretch.start - margin)
        rows = slice(start, stretch.stop + margin)
        part = target.rows(rows)
        return _Fitted(start, *_fit(rotmat[rows], pelvis_m[rows], shaped, part, camera, motion.fps))

    rotmat, pelvis_m = _joined(list(map(fitted, stretches(len(motion), STRETCH))), 2 * margin)
    one_shape = shaped.betas.expand(len(motion), -1).contiguous()
    return placed(motion, rotmat, one_shape, pelvis_m, crops, body)


def _joined(parts: list[_Fitted], overlap: int) -> tuple[Tensor, Tensor]:
    """Join stretches that overlap; there one passes gradually into the next."""
    if len(parts) == 1:
        return parts[0].rotmat, parts[0].pelvis_m
    frames = parts[-1].start + len(parts[-1].pelvis_m)
    rotmat, pelvis_m, total = (parts[0].pelvis_m.new_zeros(frames, size) for size in (24 * 9, 3, 1))
    for part in parts:
        stop = part.start + len(part.pelvis_m)
        rows = torch.arange(part.start, stop, device=total.device)
        since, until = rows - part.start + 1, stop - rows
        rising = since / (overlap + 1) if part.start > 0 else torch.ones_like(since)
        falling = until / (overlap + 1) if stop < frames else torch.ones_like(until)
        weight = torch.minimum(rising, falling).clamp(max=1)[:, None]
        rotmat[rows] += weight * part.rotmat.flatten(1)
        pelvis_m[rows] += weight * part.pelvis_m
        total[rows] += weight
    for chosen in stretches(frames, STRETCH):
        mean = (rotmat[chosen] / total[chosen]).unflatten(1, (24, 3, 3))
        rotmat[chosen] = mean_rotmat(mean).flatten(1)
    return rotmat.unflatten(1, (24, 3, 3)), pelvis_m / total


def _target(motion: Motion, track: Track, camera: PinholeCamera, device: torch.device) -> _Target:
    fps, camera_rotmat = motion.fps, motion.camera_rotmat
    unturned = torch.eye(3, device=device).expand(len(motion), 3, 3)
    xy_px = torch.tensor(track.xy_px, device=device)
    length_px = (xy_px.amax(1) - xy_px.amin(1)).amax(-1).clamp(min=1.0)
    length_px = low_pass(length_px[:, None], CORRECTION_S * fps)[:, 0]
    flat = xy_px.flatten(1)
    tremble = (
        (flat - low_pass(flat, TREMBLE_S * fps)).unflatten(1, (-1, 2)) / length_px[:, None, None]
    ).norm(dim=-1)
    # By Fourier's transform, zeros may come out below zero.
    tremble = low_pass(tremble**2, TREMBLE_SPREAD_S * fps).clamp(min=0).sqrt()
    spread = torch.tensor(track.spread_px, device=device) / length_px[:, None]
    doubt = torch.where(spread > 0, SPREAD * spread, TREMBLE * tremble)
    visibility = torch.tensor(track.visibility, device=device).clamp(0.02, 1.0)
    importance = torch.tensor([_importance(name) for name in BLAZEPOSE_33], device=device)
    size_px = 2 * xy_px.new_tensor(camera.center_xy_px)
    is_seen = ((xy_px >= 0) & (xy_px < size_px)).all(-1)
    return _Target(
        xy_px,
        length_px,
        torch.hypot(torch.full_like(doubt, UNSURE), doubt),
        visibility * importance * torch.where(is_seen, 1.0, GUESSED),
        torch.tensor(track.flow_px, device=device),
        torch.tensor(track.flow_certainty, device=device),
        low_pass(_freedom(is_seen).flatten(1), CORRECTION_S * fps)[..., None],
        unturned if camera_rotmat is None else torch.tensor(camera_rotmat, device=device),
    )


def _freedom(is_seen: Bool[Tensor, "frames 33"]) -> Float[Tensor, "frames 24 1"]:
    shares = torch.zeros(len(SMPL_24), len(BLAZEPOSE_33), device=is_seen.device)
    for row, joint in enumerate(SMPL_24):
        shares[row, indices(BLAZEPOSE_33, TELLING[joint])] = 1 / len(TELLING[joint])
    shares[LOOSE] *= LOOSE_FREEDOM
    return (is_seen.float() @ shares.mT)[..., None]


def _importance(landmark: str) -> float:
    if landmark in LIMBS_12 or landmark.endswith(("heel", "foot_index")):
        return 1.0
    telling = ("nose", "_ear", "_pinky", "_index", "_thumb")  # of the head's and the hands' direction
    return 0.3 if landmark.endswith(telling) else 0.1


def _fit(
    rotmat: Float[Tensor, "frames 24 3 3"],
    pelvis_m: Float[Tensor, "frames 3"],
    shaped: ShapedBody,
    target: _Target,
    camera: PinholeCamera,
    fps: float,
) -> tuple[Float[Tensor, "frames 24 3 3"], Float[Tensor, "frames 3"]]:
    """Return the calmed and corrected rotations and pelvis, by gradient descent on smooth corrections of both."""
    points = LandmarkPoints.load()
    rotmat = mean_rotmat(steep_low_pass(rotmat.flatten(1), ESTIMATE_S * fps).view_as(rotmat))
    pelvis_m = steep_low_pass(pelvis_m, ESTIMATE_S * fps)
    turns = torch.zeros(*rotmat.shape[:2], 3, device=rotmat.device, requires_grad=True)
    moves = torch.zeros_like(pelvis_m, requires_grad=True)
    optimiser = torch.optim.Adam([turns, moves], betas=(0.9, 0.99), eps=FAINT)

    def corrected() -> tuple[PosedBody, Tensor, Tensor]:
        turn = steep_low_pass(turns.flatten(1), CORRECTION_S * fps).unflatten(1, turns.shape[1:])
        turn = turn * target.freedom
        move = steep_low_pass(moves, CORRECTION_S * fps)
        depth = pelvis_m[:, 2:] * torch.exp(move[:, 2:])
        aside = move[:, :2] * target.length_px[:, None] / camera.focal_px
        place = torch.cat([(pelvis_m[:, :2] / pelvis_m[:, 2:] + aside) * depth, depth], -1)
        return shaped.with_pose_at(rotmat @ rotmat_from_axis_angle(turn), place), turn, move

    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = STEP_SIZE * (0.52 + 0.5 * math.cos(math.pi * step / STEPS))
        posed, turn, move = corrected()
        cost = (turn / TURN_RAD).square().sum((-1, -2)).mean() + (move[:, 2] / DISTANCE).square().mean()
        sliding = SLIDING * _sliding(posed, target.steady, fps)
        loss = _misfit(points.on(posed), target, camera) + cost + sliding
        optimiser.zero_grad()
        (len(rotmat) * loss).backward()
        optimiser.step()
    with torch.no_grad():
        posed, *_ = corrected()
    return posed.rotmat, posed.joints_m[:, 0]


def _misfit(
    points_m: Float[Tensor, "frames 33 3"], target: _Target, camera: PinholeCamera
) -> Float[Tensor, ""]:
    """Return how far the projected points lie from the landmarks, and move otherwise than the picture does.

    What is far off counts alike.
    """
    in_front = torch.cat([points_m[..., :2], points_m[..., 2:].clamp(min=NEAREST_M)], -1)
    xy_px = camera.project(in_front)
    off = (xy_px - target.xy_px).norm(dim=-1) / target.length_px[:, None] / target.unsure
    misfit = (target.weight * OUTLIER**2 * _bounded(off / OUTLIER)).sum(-1).mean()
    if len(xy_px) == 1:
        return misfit
    weight = torch.minimum(target.weight[1:], target.weight[:-1])
    astray = (xy_px.diff(dim=0) - target.flow_px[1:]).norm(dim=-1) * target.flow_certainty[1:]
    return misfit + FLOW * (weight * OUTLIER**2 * _bounded(astray / OUTLIER)).sum(-1).mean()


def _sliding(posed: PosedBody, steady: Float[Tensor, "frames 3 3"], fps: float) -> Float[Tensor, ""]:
    """Return how much of the time feet slide; those that walk count alike, however fast."""
    feet_m = posed.joints_m[:, FEET] @ steady.mT
    if len(feet_m) == 1:
        return feet_m.new_zeros(())
    speed_mps = (feet_m[1:] - feet_m[:-1]).norm(dim=-1) * fps
    return _bounded(speed_mps / WALKING_MPS).sum(-1).mean()


def _bounded(ratio: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    """Return a cost that grows with the square while small, and comes to 1 at most.

    Source of the shape: Geman and McClure, 1987.
    """
    squared = ratio.square()
    return squared / (1 + squared)
