"""Captured motion for rendered clips: windows at a frame rate (30 a second unless told) with the path of the pelvis."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from tcmr.errors import TcmrError
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle
from tcmr.synth.acrobatics import acrobatic
from tcmr.synth.captured import read_captured
from tcmr.synth.poses import LIMBS, mirrored_rotations, random_bends
from tcmr.synth.shoulders import are_stiff, with_rising_shoulders

Array = np.ndarray
Split = Literal["train", "val", "test"]

SPLITS: tuple[Split, ...] = ("train", "val", "test")
FPS = 30
# Only training windows are changed beyond being mirrored.
SPEEDS = (0.7, 1.4)
BEND_CHANCE, MIX_CHANCE = 0.5, 0.1


@dataclass(frozen=True)
class Performance:
    """What one person does in the world (y up, floor near 0).

    `path_legs` is the pelvis joint's path in lengths of the person's leg (hip to ankle along the bones), so that
    feet stay on the floor whatever the body's size. `source` names the captured segment.
    """

    rotmat: Float[Tensor, "frames 24 3 3"]
    path_legs: Float32[Array, "frames 3"]
    source: str


@dataclass(frozen=True)
class MotionCapture:
    """Captured segments, one after the other, in SMPL's joint order.

    `fps` is their own rate, `window_fps` that of the windows cut out of them. With `acrobatics`, people do what nobody
    was captured doing; with `stiff_shoulders`, those that were captured so are made to rise.
    """

    axis_angle: Float32[Array, "frames 24 3"]
    pelvis_m: Float32[Array, "frames 3"]
    starts: Int64[Array, " segments"]
    lengths: Int64[Array, " segments"]
    leg_lengths_m: Float32[Array, " segments"]
    splits: tuple[str, ...]
    names: tuple[str, ...]
    fps: float
    window_fps: float = float(FPS)
    acrobatics: bool = False
    stiff_shoulders: bool = False

    @staticmethod
    def load(path: Path, window_fps: float = float(FPS), acrobatics: bool = False) -> "MotionCapture":
        """Read a file of captured motion (npz: pose, pelvis, start, length, leg_length, split, name, fps).

        Raises:
            TcmrError: the file is not there, or is something else.
        """
        try:
            arrays = read_captured(path, "pelvis", "leg_length", "split", "name", "fps")
        except (OSError, ValueError) as error:
            raise TcmrError(
                f"{path}: no file of captured motion ({error}); give the npz with --motion"
            ) from error
        return MotionCapture(
            axis_angle=arrays["pose"],
            pelvis_m=arrays["pelvis"],
            starts=arrays["start"],
            lengths=arrays["length"],
            leg_lengths_m=arrays["leg_length"],
            splits=tuple(arrays["split"].tolist()),
            names=tuple(arrays["name"].tolist()),
            fps=float(arrays["fps"]),
            window_fps=window_fps,
            acrobatics=acrobatics,
            stiff_shoulders=are_stiff(torch.from_numpy(arrays["pose"])),
        )

    def perform(self, split: Split, frames: int, rng: np.random.Generator) -> Performance:
        """Draw a window of one split of subjects; training windows vary in speed, and some in pose.

        Raises:
            TcmrError: no segment of the split is long enough.
        """
        speed = rng.uniform(*SPEEDS) if split == "train" else 1.0
        times = np.arange(frames) * speed * self.fps / self.window_fps
        segment = self._pick(split, times[-1], rng)
        rotmat, path_legs = self._window(segment, times, rng)
        if split == "train":
            for limb in LIMBS:
                if rng.random() < MIX_CHANCE:
                    rotmat[:, limb] = self._window(self._pick(split, times[-1], rng), times, rng)[0][:, limb]
            if rng.random() < BEND_CHANCE:
                generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
                rotmat = rotmat @ random_bends(1, frames, generator)[0]
        if self.acrobatics:
            rotmat = acrobatic(rotmat, torch.Generator().manual_seed(int(rng.integers(2**62))))
        if self.stiff_shoulders:
            rotmat = with_rising_shoulders(rotmat)
        if rng.random() < 0.5:
            rotmat, path_legs = mirror(rotmat, path_legs)
        return Performance(rotmat, path_legs, self.names[segment])

    def _pick(self, split: Split, reach: float, rng: np.random.Generator) -> int:
        """Draw a segment; long ones are somewhat less likely than their length says."""
        room = self.lengths - 1 - math.ceil(reach)
        chances = np.where(np.array(self.splits) == split, np.clip(room, 0, None), 0) ** 0.75
        if not chances.any():
            raise TcmrError(
                f"no '{split}' segment of captured motion has {reach / self.fps:.1f} s; ask for fewer frames"
            )
        return int(rng.choice(len(chances), p=chances / chances.sum()))

    def _window(
        self, segment: int, times: Float[Array, " frames"], rng: np.random.Generator
    ) -> tuple[Float[Tensor, "frames 24 3 3"], Float32[Array, "frames 3"]]:
        room = self.lengths[segment] - 1 - times[-1]
        moments = self.starts[segment] + rng.uniform(0, room) + times
        before = np.floor(moments).astype(np.int64)
        share = (moments - before).astype(np.float32)[:, None]
        start, end = (
            rotmat_from_axis_angle(torch.from_numpy(self.axis_angle[i])) for i in (before, before + 1)
        )
        step = axis_angle_from_rotmat(start.mT @ end) * torch.from_numpy(share)[:, None]
        path = (1 - share) * self.pelvis_m[before] + share * self.pelvis_m[before + 1]
        return start @ rotmat_from_axis_angle(step), path / self.leg_lengths_m[segment]


def mirror(
    rotmat: Float[Tensor, "frames 24 3 3"], path: Float32[Array, "frames 3"]
) -> tuple[Float[Tensor, "frames 24 3 3"], Float32[Array, "frames 3"]]:
    """Exchange left and right."""
    return mirrored_rotations(rotmat), path * np.array([-1, 1, 1], np.float32)
