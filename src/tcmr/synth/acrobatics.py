"""Poses that motion capture lacks: people curled up, arms anywhere, tilted, lying or upside down."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.joints import SMPL_24, indices
from tcmr.rotations import rotmat_from_axis_angle

# Most that joints bend when somebody is curled up, about the body's x axis (to the left): thighs and trunk to the
# front, shanks to the back; radians.
CURLED = {"left_hip": -2.2, "right_hip": -2.2, "left_knee": 2.3, "right_knee": 2.3}
CURLED |= {"spine1": 0.35, "spine2": 0.35, "spine3": 0.3, "neck": 0.4}
CURLED_JOINTS = indices(SMPL_24, CURLED)
CURL_CHANCE, ARMS_CHANCE = 0.6, 0.5
UNEVEN = 0.25  # deviation of one leg from the other, and of what joints turn besides, radians
SHOULDER, MOST_ELBOW = 0.8, 2.3
# Whole persons: as they were, tilted (deviation), turned anywhere.
TILT_CHANCES, TILT = (0.35, 0.35, 0.3), 0.6


def acrobatic(
    rotmat: Float[Tensor, "frames 24 3 3"], generator: torch.Generator
) -> Float[Tensor, "frames 24 3 3"]:
    """Return a person's captured poses curled up, with other arms, or turned over, each by chance."""
    frames = len(rotmat)
    rotmat = rotmat.clone()
    if torch.rand((), generator=generator) < CURL_CHANCE:
        rotmat[:, CURLED_JOINTS] = curled(1, frames, generator)[0]
    if torch.rand((), generator=generator) < ARMS_CHANCE:
        shoulders, elbows = (
            indices(SMPL_24, [f"left_{name}", f"right_{name}"]) for name in ("shoulder", "elbow")
        )
        turn = SHOULDER * torch.randn(2, 3, generator=generator)
        rotmat[:, shoulders] = rotmat[:, shoulders] @ rotmat_from_axis_angle(turn)
        bend = torch.zeros(2, 3)
        bend[:, 1] = MOST_ELBOW * torch.rand(2, generator=generator) * torch.tensor([-1.0, 1.0])
        rotmat[:, elbows] = rotmat_from_axis_angle(bend)
    rotmat[:, 0] = tilt(generator) @ rotmat[:, 0]
    return rotmat


def curled(count: int, frames: int, generator: torch.Generator) -> Float[Tensor, "count frames joints 3 3"]:
    """Draw how far the joints of CURLED bend: more or less over time, legs not quite alike."""
    first, last = torch.rand(count, 2, generator=generator).unbind(-1)
    share = first[:, None] + (last - first)[:, None] * torch.linspace(0, 1, frames)
    turn = UNEVEN * torch.randn(count, 1, len(CURLED), 3, generator=generator).repeat(1, frames, 1, 1)
    turn[..., 0] += share[..., None] * torch.tensor(list(CURLED.values()))
    return rotmat_from_axis_angle(turn)


def tilt(generator: torch.Generator) -> Float[Tensor, "3 3"]:
    """Draw how a person is turned in the world, besides how they were captured."""
    kind = int(torch.multinomial(torch.tensor(TILT_CHANCES), 1, generator=generator))
    axis = torch.randn(3, generator=generator)
    anywhere = axis / axis.norm() * math.pi * torch.rand((), generator=generator)
    return rotmat_from_axis_angle((torch.zeros(3), TILT * axis, anywhere)[kind])
