"""What other programs are told of a live run: JSON objects, one a frame; docs/live.md has the format."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tcmr.camera import PinholeCamera
from tcmr.rotations import axis_angle_from_rotmat
from tcmr.types import Clip, Motion

SCHEMA = "tcmr.live/1"
DECIMALS = 5  # a hundredth of a millimetre


def start_message(source: str, clip: Clip, camera: PinholeCamera, latency: int) -> str:
    """Return the first message: what the source is, and how late the motion comes (frames)."""
    return _message(
        "start",
        source=source,
        size=[clip.width, clip.height],
        fps=clip.fps,
        focal_px=camera.focal_px,
        center_px=list(camera.center_xy_px),
        latency_frames=latency,
    )


def frame_message(
    index: int, time_s: float, motions: Sequence[Motion], dropped_frames: int, *, late: bool = False
) -> str:
    """Return the message of a frame, with everybody's motion in it (each one frame long).

    `dropped_frames` counts from the start. `late`: the frame's message has gone already, and here are persons who
    were out of sight then.
    """
    return _message(
        "frame",
        frame=index,
        time_s=round(time_s, 6),
        late=late,
        dropped_frames=dropped_frames,
        persons=[_person(motion) for motion in motions],
    )


def end_message(frames: int, dropped_frames: int, reconnects: int) -> str:
    """Return the last message."""
    return _message("end", frames=frames, dropped_frames=dropped_frames, reconnects=reconnects)


def _message(kind: str, **content: Any) -> str:
    return json.dumps({"schema": SCHEMA, "type": kind, **content}, separators=(",", ":"))


def _person(motion: Motion) -> dict[str, Any]:
    poses = axis_angle_from_rotmat(torch.from_numpy(motion.rotmat[0])).flatten()
    return {
        "id": motion.person,
        "box": None if motion.boxes_xyxy_px is None else _numbers(motion.boxes_xyxy_px),
        "cam": _numbers(motion.camera),
        "transl": None if motion.transl_m is None else _numbers(motion.transl_m),
        "poses": _numbers(poses.numpy()[None]),
        "betas": _numbers(motion.betas),
        "joints": _numbers(motion.joints_m),
        "bridged": motion.bridged is not None and bool(motion.bridged[0]),
    }


def _numbers(values: np.ndarray) -> list[Any]:
    rounded: list[Any] = values[0].astype(np.float64).round(DECIMALS).tolist()
    return rounded
