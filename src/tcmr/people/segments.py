"""From a person's readings to tracks without holes."""

from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Int64

from tcmr.joints import LIMBS_IN_BLAZEPOSE
from tcmr.people.readings import Readings
from tcmr.types import Track

Array = np.ndarray

COLUMNS = ("xy_px", "visibility", "world_m", "score", "spread_px", "flow_px", "flow_certainty")

# How far apart two readings of limbs that are there lie at most: share of the body's length, median over the limbs.
MOST_SPREAD = 0.07


def segments(id: int, readings: Readings, longest_bridge: int) -> list[Track]:
    """Return one track for each stretch of a person's readings.

    A stretch ends where more than `longest_bridge` frames in a row are missing; a shorter hole is bridged by
    interpolation between the readings on both sides.
    """
    columns = {name: readings.column(name) for name in COLUMNS}
    frames = readings.column("frame_index")
    ends = np.flatnonzero(np.diff(frames) > longest_bridge + 1) + 1
    stretches = [slice(*both) for both in pairwise([0, *ends.tolist(), len(frames)])]
    return [
        _track(id, number, frames[stretch], {name: values[stretch] for name, values in columns.items()})
        for number, stretch in enumerate(stretches)
    ]


def sure_part(track: Track) -> Track:
    """Return a track from the first frame to the last in which two readings agree; all of it where they never do.

    They disagree where no more than a hand is left of somebody who leaves the picture.
    """
    length_px = np.ptp(track.xy_px, axis=1).max(-1)
    sure = np.flatnonzero(
        np.median(track.spread_px[:, LIMBS_IN_BLAZEPOSE], axis=1) <= MOST_SPREAD * length_px
    )
    return track.part(slice(int(sure[0]), int(sure[-1]) + 1)) if len(sure) else track


def _track(id: int, segment: int, seen: Int64[Array, " seen"], columns: dict[str, Array]) -> Track:
    frames = np.arange(seen[0], seen[-1] + 1)
    values = {name: _interpolated(frames, seen, column) for name, column in columns.items()}
    bridged = ~np.isin(frames, seen)
    values["flow_certainty"][bridged] = 0
    return Track(
        id=id,
        segment=segment,
        frames=frames,
        xy_px=values["xy_px"],
        visibility=values["visibility"],
        world_m=values["world_m"],
        scores=values["score"],
        bridged=bridged,
        spread_px=values["spread_px"],
        flow_px=values["flow_px"],
        flow_certainty=values["flow_certainty"],
    )


def _interpolated(
    frames: Int64[Array, " frames"], seen: Int64[Array, " seen"], values: Float32[Array, "seen *axes"]
) -> Float32[Array, "frames *axes"]:
    """Return a value for each frame; only what is missing is computed, so that a long track needs no more memory."""
    whole = np.empty((len(frames), *values.shape[1:]), values.dtype)
    whole[seen - seen[0]] = values
    missing = np.setdiff1d(frames, seen)
    after = np.searchsorted(seen, missing)
    before = after - 1
    share = ((missing - seen[before]) / (seen[after] - seen[before])).astype(np.float32)
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    whole[missing - seen[0]] = values[before] * (1 - share) + values[after] * share
    return whole
