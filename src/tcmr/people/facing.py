"""Which way a person faces: undo BlazePose's confusions of back and front.

A person whose face is unclear looks from the front much like from behind with left and right exchanged. BlazePose
may change its mind from one frame to the next, and stay wrong for longer than the temporal model sees. Nobody turns
round within a frame: where the landmarks jump as they are named, and go on smoothly with left and right exchanged,
one side of the jump is wrong. Which one, the majority of the frames decides.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32

from tcmr.joints import BLAZEPOSE_33, LIMBS_12, indices, mirrored
from tcmr.types import Track

Array = np.ndarray

OTHER_SIDE = mirrored(BLAZEPOSE_33)
LIMBS = indices(BLAZEPOSE_33, LIMBS_12)
# Each frame is compared with those so many frames before it: a single one may be blurred beyond use.
LAGS = (1, 2, 4)
# In lengths of a body, mean over the limbs: what it costs to go over to the other reading (less of a jump is no
# evidence), what each second costs that is taken to be wrong, and how much of a jump counts at most.
SWITCH_COST, WRONG_COST_PER_S, MOST_JUMP = 0.05, 1.8, 0.5
# What a track says of each landmark.
SIDED = ("xy_px", "visibility", "world_m", "flow_px", "flow_certainty")
# Brings world landmarks to lengths of a body.
BODY_M = 1.7


def settle_facing(track: Track, fps: float) -> Track:
    """Exchange left and right in the frames where BlazePose took back for front."""
    wrong = exchanged_frames(track.xy_px, track.world_m, fps)
    if not wrong.any():
        return track

    def settled(values: Array) -> Array:
        return np.where(wrong.reshape(-1, *[1] * (values.ndim - 1)), values[:, OTHER_SIDE], values)

    sides: dict[str, Any] = {name: settled(getattr(track, name)) for name in SIDED}
    return replace(track, **sides)


def exchanged_frames(
    xy_px: Float32[Array, "frames 33 2"], world_m: Float32[Array, "frames 33 3"], fps: float
) -> Bool[Array, " frames"]:
    """Tell in which frames left and right are exchanged: the cheapest path through both readings (Viterbi).

    A state is the readings of the last frames, one bit each, the newest lowest. Depth is left as it is: when
    BlazePose confuses front and back it keeps how the body leans.
    """
    height_px = max(float(np.median(np.ptp(xy_px, axis=1).max(-1))), 1e-6)
    picture, world = _readings(xy_px / height_px), _readings(world_m / BODY_M)
    states = np.arange(2 ** max(LAGS))
    reading = states & 1
    before = np.stack([states >> 1, (states >> 1) | len(states) // 2])
    wrong = WRONG_COST_PER_S / fps * reading
    cost, came_from = np.where(states < 2, wrong, np.inf), []
    for frame in range(1, len(xy_px)):
        total = cost[before] + wrong
        for lag in LAGS:
            if lag <= frame:
                jump = _jumps(picture, frame, lag) + _jumps(world, frame, lag)
                change = np.minimum(jump, MOST_JUMP) + SWITCH_COST * (1 - np.eye(2))
                total = total + change[(before >> (lag - 1)) & 1, reading]
        choice = total.argmin(0)
        came_from.append(before[choice, states])
        cost = total.min(0)
    path = [int(cost.argmin())]
    for origin in reversed(came_from):
        path.append(int(origin[path[-1]]))
    return reading[path[::-1]].astype(bool)


def _readings(landmarks: Float[Array, "frames 33 axes"]) -> Float[Array, "2 frames 12 axes"]:
    """Return the limbs as they are named and with left and right exchanged."""
    return np.stack([landmarks, landmarks[:, OTHER_SIDE]])[:, :, LIMBS]


def _jumps(readings: Float[Array, "2 frames 12 axes"], frame: int, lag: int) -> Float[Array, "2 2"]:
    """Return how far the limbs move into a frame, from each reading of a frame before it to each of its own."""
    before, now = readings[:, None, frame - lag], readings[None, :, frame]
    return np.linalg.norm(now - before, axis=-1).mean(-1)
