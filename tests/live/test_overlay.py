"""Frames wait for the motion in them."""

import numpy as np
import torch

from tcmr.camera import PinholeCamera
from tcmr.live.overlay import LiveOverlay
from tcmr.types import Frame, Motion

GREY = 90


def frame_of(index: int) -> Frame:
    return Frame(index, index / 30, np.full((96, 128, 3), GREY, np.uint8))


def motion_at(index: int) -> Motion:
    """Stand upright, three metres away."""
    rotmat = np.tile(np.eye(3, dtype=np.float32), (1, 24, 1, 1))
    rotmat[0, 0] = np.diag([1, -1, -1])
    return Motion(
        rotmat=rotmat,
        betas=np.zeros((1, 10), np.float32),
        camera=np.zeros((1, 3), np.float32),
        joints_m=np.zeros((1, 24, 3), np.float32),
        attention=np.zeros((1, 3), np.float32),
        frames=np.array([index]),
        fps=30.0,
        body="open",
        weights="none",
        transl_m=np.array([[0, 0, 3]], np.float32),
    )


def test_each_frame_is_drawn_with_its_own_motion_and_none_is_lost(open_body):
    torch.manual_seed(0)
    overlay = LiveOverlay(open_body, PinholeCamera(100.0, (64.0, 48.0)), latency=2)
    shown = []
    for index in range(6):
        motions = [motion_at(index - 2)] if index in (3, 5) else []
        shown.append([frame.index for frame in overlay.push(frame_of(index), motions) if drawn(frame)])
    assert shown == [[], [], [], [1], [], [3]]
    rest = list(overlay.finish([motion_at(5), motion_at(0)]))
    assert [frame.index for frame in rest] == [4, 5]
    assert [drawn(frame) for frame in rest] == [False, True]


def drawn(frame: Frame) -> bool:
    return bool((frame.rgb != GREY).any())
