"""From a person's readings to tracks without holes."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Int64

from tcmr.people.motion import Reading
from tcmr.types import Track

Array = np.ndarray


def segments(id: int, readings: Sequence[Reading], longest_bridge: int) -> list[Track]:
    """Return one track for each stretch of a person's readings.

    A stretch ends where more than `longest_bridge` frames in a row are missing; a shorter hole is bridged by
    interpolation between the readings on both sides.
    """
    frames = np.array([reading.frame_index for reading in readings], np.int64)
    ends = np.flatnonzero(np.diff(frames) > longest_bridge + 1) + 1
    stretches = np.split(np.arange(len(frames)), ends)
    return [
        _track(id, number, frames[stretch], [readings[index] for index in stretch])
        for number, stretch in enumerate(stretches)
    ]


def _track(id: int, segment: int, seen: Int64[Array, " seen"], readings: Sequence[Reading]) -> Track:
    frames = np.arange(seen[0], seen[-1] + 1)
    landmarks = [reading.landmarks for reading in readings]
    return Track(
        id=id,
        segment=segment,
        frames=frames,
        xy_px=_interpolated(frames, seen, np.array([each.xy_px for each in landmarks])),
        visibility=_interpolated(frames, seen, np.array([each.visibility for each in landmarks])),
        world_m=_interpolated(frames, seen, np.array([each.world_m for each in landmarks])),
        scores=_interpolated(frames, seen, np.array([each.score for each in landmarks], np.float32)),
        bridged=~np.isin(frames, seen),
    )


def _interpolated(
    frames: Int64[Array, " frames"], seen: Int64[Array, " seen"], values: Float32[Array, "seen *axes"]
) -> Float32[Array, "frames *axes"]:
    after = np.searchsorted(seen, frames)
    before = np.maximum(after - 1, 0)
    gap = np.maximum(seen[after] - seen[before], 1)
    share = np.where(after > before, (frames - seen[before]) / gap, 0).astype(np.float32)
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    return values[before] * (1 - share) + values[after] * share
