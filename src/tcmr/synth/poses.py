"""Random windows of human poses from motion capture: mixed, curled up, bent, mirrored and seen from anywhere.

What motion capture has is narrow (mostly walking); what the networks must know is wide. So limbs are mixed
between clips, some people sit, crouch or curl up, joints are bent at random, and the camera may look from any side.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, indices, mirrored
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.synth.acrobatics import CURLED_JOINTS, curled
from tcmr.synth.captured import read_captured
from tcmr.synth.shoulders import are_stiff, with_rising_shoulders

LIMBS = [
    indices(SMPL_24, names)
    for names in (
        [
            "left_hip",
            "right_hip",
            "left_knee",
            "right_knee",
            "left_ankle",
            "right_ankle",
            "left_foot",
            "right_foot",
        ],
        ["left_collar", "left_shoulder", "left_elbow", "left_wrist", "left_hand"],
        ["right_collar", "right_shoulder", "right_elbow", "right_wrist", "right_hand"],
        ["spine1", "spine2", "spine3", "neck", "head"],
    )
]
MAX_BETA = 2.5  # no shape drawn is further from the mean, in standard deviations
MIX_CHANCE, CURL_CHANCE = 0.3, 0.15
# How far a joint is bent at random, radians (standard deviation); joints not named: BEND_OTHER.
BEND = {
    "pelvis": 0.0, "left_hand": 0.0, "right_hand": 0.0, "left_foot": 0.0, "right_foot": 0.0,
    "left_knee": 0.35, "right_knee": 0.35, "left_elbow": 0.35, "right_elbow": 0.35,
    "left_hip": 0.45, "right_hip": 0.45, "left_shoulder": 0.45, "right_shoulder": 0.45,
}  # fmt: skip
BEND_OTHER = 0.25
# Steps between frames at the library's 60 fps, and how often: half, normal (30 fps) and one and a half speed.
STRIDES, STRIDE_CHANCES = (1, 2, 3), (0.25, 0.55, 0.20)


@dataclass(frozen=True)
class PoseLibrary:
    """Motion capture segments as rotations, 60 frames a second, world y up; stiff shoulders are made to rise."""

    rotmat: Float[Tensor, "frames 24 3 3"]
    starts: Int64[Tensor, " segments"]
    lengths: Int64[Tensor, " segments"]
    stiff_shoulders: bool = False

    @staticmethod
    def load(path: Path, split: Literal["train", "val", "test"]) -> "PoseLibrary":
        """Read the segments of one split of subjects.

        Raises:
            TcmrError: the file is missing, is something else, or has no segment of that split.
        """
        try:
            arrays = read_captured(path, "split")
        except (OSError, ValueError) as error:
            raise TcmrError(f"{path} is no file of captured motion: {error}") from error
        mine = arrays["split"] == split
        starts, lengths = arrays["start"][mine], arrays["length"][mine]
        pose = torch.from_numpy(arrays["pose"])
        if len(starts) == 0:
            raise TcmrError(f"{path} has no segment of the split '{split}'")
        return PoseLibrary(
            rotmat_from_axis_angle(pose),
            torch.from_numpy(starts),
            torch.from_numpy(lengths),
            are_stiff(pose),
        )

    def windows(
        self, count: int, frames: int, strides: Int64[Tensor, " count"], generator: torch.Generator
    ) -> Float[Tensor, "count frames 24 3 3"]:
        """Cut random windows; long segments are somewhat less likely than their length says."""
        reach = (frames - 1) * max(STRIDES)
        chances = (self.lengths - reach).clamp(min=0).double() ** 0.75
        segments = torch.multinomial(chances, count, replacement=True, generator=generator)
        room = self.lengths[segments] - (frames - 1) * strides
        first = self.starts[segments] + (torch.rand(count, generator=generator) * room).long()
        return self.rotmat[first[:, None] + torch.arange(frames) * strides[:, None]]


def sample_poses(
    library: PoseLibrary, count: int, frames: int, generator: torch.Generator
) -> Float[Tensor, "count frames 24 3 3"]:
    """Draw windows of varied poses in the world (y up)."""
    strides = torch.multinomial(torch.tensor(STRIDE_CHANCES), count, replacement=True, generator=generator)
    strides = torch.tensor(STRIDES)[strides]
    rotmat = library.windows(count, frames, strides, generator)
    for limb in LIMBS:
        others = library.windows(count, frames, strides, generator)
        mixed = torch.rand(count, generator=generator) < MIX_CHANCE
        rotmat[:, :, limb] = torch.where(
            mixed[:, None, None, None, None], others[:, :, limb], rotmat[:, :, limb]
        )
    sitting = torch.nonzero(torch.rand(count, generator=generator) < CURL_CHANCE)
    rows = sitting[:, :, None], torch.arange(frames)[:, None], torch.tensor(CURLED_JOINTS)
    rotmat[rows] = curled(len(sitting), frames, generator)
    rotmat = rotmat @ random_bends(count, frames, generator)
    if library.stiff_shoulders:
        rotmat = with_rising_shoulders(rotmat)
    return mirror_some(rotmat, generator)


def random_bends(count: int, frames: int, generator: torch.Generator) -> Float[Tensor, "count frames 24 3 3"]:
    """Draw rotations that bend each joint, the same over a window but for a slow drift."""
    deviation = torch.tensor([BEND.get(name, BEND_OTHER) for name in SMPL_24])[:, None]

    def draw(strength: Tensor) -> Tensor:
        return torch.randn(count, 1, 24, 3, generator=generator) * deviation * strength

    constant = draw(1.3 * torch.rand(count, 1, 1, 1, generator=generator) ** 0.7)
    drift = draw(0.5 * torch.rand(count, 1, 1, 1, generator=generator))
    time = torch.linspace(-1, 1, frames)[None, :, None, None] if frames > 1 else torch.zeros(1, 1, 1, 1)
    return rotmat_from_axis_angle(constant + drift * time)


def mirror_some(
    rotmat: Float[Tensor, "count frames 24 3 3"], generator: torch.Generator
) -> Float[Tensor, "count frames 24 3 3"]:
    """Exchange left and right of half of the windows."""
    chosen = torch.rand(len(rotmat), generator=generator) < 0.5
    return torch.where(chosen[:, None, None, None, None], mirrored_rotations(rotmat), rotmat)


def mirrored_rotations(rotmat: Float[Tensor, "*batch 24 3 3"]) -> Float[Tensor, "*batch 24 3 3"]:
    """Return the pose that a mirror shows: left and right exchanged, x reversed."""
    flip = torch.tensor([-1.0, 1.0, 1.0])
    return rotmat[..., mirrored(SMPL_24), :, :] * flip[:, None] * flip


def sample_views(
    count: int, generator: torch.Generator
) -> tuple[Float[Tensor, "count 3 3"], Float[Tensor, "count 2"]]:
    """Draw cameras: the rotation from world (y up) to camera, and the ray (x / z, y / z) to the person.

    Most cameras are held about level. A few persons are tilted (leaning, lying, upside down).
    """

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=generator)

    def about(axis: int, angle: Tensor) -> Tensor:
        vector = torch.zeros(count, 3)
        vector[:, axis] = angle
        return rotmat_from_axis_angle(vector)

    def normal(deviation: float) -> Tensor:
        return deviation * torch.randn(count, generator=generator)

    pitch = torch.where(uniform(0.0, 1.0) < 0.8, 0.08 + normal(0.15), uniform(-0.4, 0.9))
    roll = torch.where(uniform(0.0, 1.0) < 0.8, normal(0.06), normal(0.4))
    turn_over = torch.full((count,), math.pi)
    world_to_camera = about(2, roll) @ about(0, turn_over + pitch) @ about(1, uniform(0.0, 2 * math.pi))
    strength = torch.tensor([0.0, 0.3, 2.0])
    kind = torch.multinomial(torch.tensor([0.65, 0.28, 0.07]), count, replacement=True, generator=generator)
    tilt = torch.randn(count, 3, generator=generator) * strength[kind][:, None]
    ray = torch.stack([normal(0.22), normal(0.14)], -1)
    return world_to_camera @ rotmat_from_axis_angle(tilt), ray
