"""Which side is left: undo BlazePose's confusions of back and front, and of one leg and the other.

A person whose face is unclear looks from the front much like from behind with left and right exchanged; legs seen
from the side look alike. BlazePose may change its mind from one frame to the next, and stay wrong for longer than the
temporal model sees. Nobody turns round within a frame, and no leg becomes the other: where the landmarks jump as they
are named, and go on smoothly with left and right exchanged, one side of the jump is wrong. Which one, the majority of
the frames decides.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32

from tcmr.joints import BLAZEPOSE_33, LIMBS_IN_BLAZEPOSE, indices, mirrored
from tcmr.types import Track

Array = np.ndarray

# How much of a jump counts at most, in lengths of a body, mean over the landmarks.
MOST_JUMP = 0.5
# What a track says of each landmark.
SIDED = ("xy_px", "visibility", "world_m", "spread_px", "flow_px", "flow_certainty")
# Brings world landmarks to lengths of a body.
BODY_M = 1.7


@dataclass(frozen=True)
class Confusion:
    """What BlazePose takes for each other.

    `other` has, for each landmark, the one that it may be taken for; `telling` are those whose jumps tell. Each frame
    is compared with those `lags` before it, where that is not longer ago than `memory_s`: a single one may be blurred
    beyond use. Lengths of a body are what it costs to go over to the other reading (less of a jump is no evidence), and
    what each second costs that is taken to be wrong.
    """

    other: list[int]
    telling: list[int]
    lags: tuple[int, ...]
    memory_s: float
    switch_cost: float
    wrong_cost_per_s: float


_OTHER_SIDE = mirrored(BLAZEPOSE_33)
_LEG_PARTS = ("knee", "ankle", "heel", "foot_index")
_LEGS = indices(BLAZEPOSE_33, [f"{side}_{part}" for side in ("left", "right") for part in _LEG_PARTS])

BACK_AND_FRONT = Confusion(
    _OTHER_SIDE,
    LIMBS_IN_BLAZEPOSE,
    lags=(1, 2, 4),
    memory_s=math.inf,
    switch_cost=0.05,
    wrong_cost_per_s=1.8,
)
# Legs move faster than bodies turn: soon one is where the other was.
LEGS = Confusion(
    [_OTHER_SIDE[each] if each in _LEGS else each for each in range(len(_OTHER_SIDE))],
    _LEGS,
    lags=(1, 2),
    memory_s=0.15,
    switch_cost=0.01,
    wrong_cost_per_s=0.3,
)


def settle_sides(track: Track, fps: float) -> Track:
    """Exchange left and right in the frames where BlazePose took back for front, or one leg for the other."""
    for confusion in (BACK_AND_FRONT, LEGS):
        track = _settled(track, fps, confusion)
    return track


def _settled(track: Track, fps: float, confusion: Confusion) -> Track:
    wrong = confused_frames(track.xy_px, track.world_m, fps, confusion)
    if not wrong.any():
        return track

    def settled(values: Array) -> Array:
        exchanged = values[:, confusion.other]
        return np.where(wrong.reshape(-1, *[1] * (values.ndim - 1)), exchanged, values)

    sides: dict[str, Any] = {name: settled(getattr(track, name)) for name in SIDED}
    return replace(track, **sides)


def confused_frames(
    xy_px: Float32[Array, "frames 33 2"],
    world_m: Float32[Array, "frames 33 3"],
    fps: float,
    confusion: Confusion,
) -> Bool[Array, " frames"]:
    """Tell in which frames left and right are exchanged: the cheapest path through both readings (Viterbi).

    None are, where the frames lie too far apart to tell. A state is the readings of the last frames, one bit each, the
    newest lowest. Depth is left as it is: when BlazePose confuses front and back it keeps how the body leans.
    """
    lags = [lag for lag in confusion.lags if lag / fps <= confusion.memory_s]
    if not lags:
        return np.zeros(len(xy_px), bool)
    height_px = max(float(np.median(np.ptp(xy_px, axis=1).max(-1))), 1e-6)
    picture, world = _readings(xy_px / height_px, confusion), _readings(world_m / BODY_M, confusion)
    states = np.arange(2 ** max(lags))
    reading = states & 1
    before = np.stack([states >> 1, (states >> 1) | len(states) // 2])
    wrong = confusion.wrong_cost_per_s / fps * reading
    cost, came_from = np.where(states < 2, wrong, np.inf), []
    for frame in range(1, len(xy_px)):
        total = cost[before] + wrong
        for lag in lags:
            if lag <= frame:
                jump = _jumps(picture, frame, lag) + _jumps(world, frame, lag)
                change = np.minimum(jump, MOST_JUMP) + confusion.switch_cost * (1 - np.eye(2))
                total = total + change[(before >> (lag - 1)) & 1, reading]
        choice = total.argmin(0)
        came_from.append(before[choice, states])
        cost = total.min(0)
    path = [int(cost.argmin())]
    for origin in reversed(came_from):
        path.append(int(origin[path[-1]]))
    return reading[path[::-1]].astype(bool)


def _readings(
    landmarks: Float[Array, "frames 33 axes"], confusion: Confusion
) -> Float[Array, "2 frames telling axes"]:
    """Return the telling landmarks as they are named and with left and right exchanged."""
    return np.stack([landmarks, landmarks[:, confusion.other]])[:, :, confusion.telling]


def _jumps(readings: Float[Array, "2 frames telling axes"], frame: int, lag: int) -> Float[Array, "2 2"]:
    """Return how far the landmarks move into a frame, from each reading of a frame before it to each of its own."""
    before, now = readings[:, None, frame - lag], readings[None, :, frame]
    return np.linalg.norm(now - before, axis=-1).mean(-1)
