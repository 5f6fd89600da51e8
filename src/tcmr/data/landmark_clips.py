"""Clips of landmarks with their truth: what the open track is trained and measured on.

Rendered clips (BlazePose's readings of our renders) and simulated ones (landmarks of a posed body with
measured noise) are the same thing here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from tcmr.arrays import Expected, fitting, read_npz
from tcmr.body.model import BodyModel, PosedBody
from tcmr.errors import TcmrError
from tcmr.rotations import rotmat_between, rotmat_from_axis_angle

# Field -> name in the shards that `tcmr synth` writes.
SHARD_NAMES = {"rotmat": "pose"}
_SHARD = {
    "xy_px": Expected(("clips", "frames", 33, 2)),
    "visibility": Expected(("clips", "frames", 33)),
    "world_m": Expected(("clips", "frames", 33, 3)),
    "score": Expected(("clips", "frames")),
    "spread_px": Expected(("clips", "frames", 33)),
    "flow_px": Expected(("clips", "frames", 33, 2)),
    "flow_certainty": Expected(("clips", "frames", 33)),
    "pose": Expected(("clips", "frames", 24, 3)),
    "betas": Expected(("clips", 10)),
    "root_m": Expected(("clips", "frames", 3)),
    "focal_px": Expected(("clips",)),
    "center_px": Expected((2,)),
    "fps": Expected((), np.float64),
    "body": Expected((), np.str_),
}
_OF_CLIPS = ("betas", "focal_px")
_OF_ALL = ("center_px", "fps")


def draw_windows(
    usable: Bool[Tensor, "clips frames"], count: int, length: int, generator: torch.Generator
) -> tuple[Int64[Tensor, " count"], Int64[Tensor, " count"]]:
    """Draw windows of usable frames only: the clip and the first frame of each."""
    whole = usable.unfold(1, length, 1).all(-1).float()
    chosen = torch.multinomial(whole.flatten(), count, replacement=True, generator=generator)
    return chosen // whole.shape[1], chosen % whole.shape[1]


@dataclass(frozen=True)
class LandmarkClips:
    """Clips of equal length of one person each.

    `rotmat` has the pelvis' rotation to the camera; `root_m` is the pelvis joint in camera coordinates;
    `score` is BlazePose's belief in a person; `spread_px`, `flow_px` and `flow_certainty` are as in `Track`. A
    simulated clip has a focal length of one "pixel". `fps` is nan where clips of several rates were joined.
    """

    xy_px: Float[Tensor, "clips frames 33 2"]
    visibility: Float[Tensor, "clips frames 33"]
    world_m: Float[Tensor, "clips frames 33 3"]
    score: Float[Tensor, "clips frames"]
    spread_px: Float[Tensor, "clips frames 33"]
    flow_px: Float[Tensor, "clips frames 33 2"]
    flow_certainty: Float[Tensor, "clips frames 33"]
    rotmat: Float[Tensor, "clips frames 24 3 3"]
    betas: Float[Tensor, "clips 10"]
    root_m: Float[Tensor, "clips frames 3"]
    focal_px: Float[Tensor, " clips"]
    center_px: Float[Tensor, "2"]
    fps: float

    @staticmethod
    def load(shards: Sequence[Path], body: BodyModel, mixed_rates: bool = False) -> "LandmarkClips":
        """Read and join rendered shards that show a body; `mixed_rates` will do where frames are used one by one.

        Raises:
            TcmrError: there is no shard, or one is damaged, lacks a field, shows another body, or has another picture
                centre, length or rate.
        """
        if not shards:
            raise TcmrError("no rendered clips given; make some with `tcmr synth`")
        parts = [_read_shard(shard, body) for shard in shards]
        first = parts[0]
        for shard, part in zip(shards, parts, strict=True):
            if not np.array_equal(part["center_px"], first["center_px"]):
                raise TcmrError(
                    f"{shard} has its picture centre at {part['center_px']}, {shards[0]} at {first['center_px']}"
                )
            if part["score"].shape[1] != first["score"].shape[1]:
                raise TcmrError(f"{shard} has clips of another length than {shards[0]}")
            if part["fps"] != first["fps"] and not mixed_rates:
                raise TcmrError(
                    f"{shard} has {part['fps']:g} frames a second, {shards[0]} {first['fps']:g}: "
                    "render one of them anew with `tcmr synth --fps`"
                )
        joined = {
            name: torch.from_numpy(np.concatenate([part[SHARD_NAMES.get(name, name)] for part in parts]))
            for name in (field.name for field in fields(LandmarkClips))
            if name not in _OF_ALL
        }
        joined["rotmat"] = rotmat_from_axis_angle(joined["rotmat"])
        rates = {float(part["fps"]) for part in parts}
        return LandmarkClips(
            **joined,
            center_px=torch.from_numpy(first["center_px"]),
            fps=rates.pop() if len(rates) == 1 else math.nan,
        )

    def __len__(self) -> int:
        return len(self.betas)

    def part(self, clips: slice = slice(None), frames: slice = slice(None)) -> "LandmarkClips":
        """Return some of the clips, or some frames of each."""
        of_clips = {name: getattr(self, name)[clips] for name in _OF_CLIPS}
        of_frames = {name: getattr(self, name)[clips, frames] for name in self._of_frames()}
        return replace(self, **of_clips, **of_frames, fps=self.fps / (frames.step or 1))

    def windows(self, clips: Tensor, first_frames: Tensor, length: int) -> "LandmarkClips":
        """Cut one window of `length` frames out of each of some clips."""
        frames = first_frames[:, None] + torch.arange(length)
        of_clips = {name: getattr(self, name)[clips] for name in _OF_CLIPS}
        of_frames = {name: getattr(self, name)[clips[:, None], frames] for name in self._of_frames()}
        return replace(self, **of_clips, **of_frames)

    def _of_frames(self) -> list[str]:
        return [field.name for field in fields(self) if field.name not in (*_OF_CLIPS, *_OF_ALL)]

    def bodies(self, body: BodyModel) -> PosedBody:
        """Return the true bodies, in camera coordinates."""
        return body.with_shape(self.betas[:, None]).with_pose_at(self.rotmat, self.root_m)

    def looking_rotation(self) -> Float[Tensor, "clips frames 3 3"]:
        """Return the axes of the cameras that look straight at the pelvis, in the camera's coordinates.

        BlazePose sees a crop: its world landmarks have these axes, not the camera's.
        """
        ray = self.root_m / self.root_m.norm(dim=-1, keepdim=True)
        forward = torch.tensor([0.0, 0.0, 1.0]).expand_as(ray)
        return rotmat_between(forward, ray)

    def project(
        self, points_m: Float[Tensor, "clips frames points 3"]
    ) -> Float[Tensor, "clips frames points 2"]:
        """Project points in camera coordinates to pixels."""
        focal = self.focal_px[:, None, None, None]
        return focal * points_m[..., :2] / points_m[..., 2:] + self.center_px


def _read_shard(path: Path, body: BodyModel) -> dict[str, np.ndarray]:
    try:
        arrays = fitting(read_npz(path, _SHARD.__contains__), _SHARD)
        if not arrays["fps"] > 0:
            raise ValueError("fps is not above 0")
    except (OSError, ValueError) as error:
        raise TcmrError(
            f"{path} is not a shard of rendered clips: {error}; render it anew with `tcmr synth`"
        ) from error
    if arrays["body"] != body.sha256:
        raise TcmrError(
            f"{path} shows another body than {body.name!r}; render it anew with `tcmr synth`, which shows the open one"
        )
    return arrays
