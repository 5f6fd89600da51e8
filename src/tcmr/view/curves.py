"""How fast and how jerkily a person moves, frame by frame."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Float32

from tcmr.evaluate.metrics import MM_PER_M, acceleration, acceleration_si, speed
from tcmr.types import Motion
from tcmr.world.axes import steadied

Array = np.ndarray

CURRENT = 1  # of the attention's past, current and future


def speed_m_s(motion: Motion) -> Float32[Array, " frames"]:
    """Return the joints' mean speed relative to the pelvis, m/s: from the frame before to this one.

    NaN where a stretch begins.
    """

    def measured(joints_m: Array) -> Float[Array, " steps"]:
        return speed(joints_m) * motion.fps / MM_PER_M

    return _by_stretch(motion, measured, lost_before=1, lost_after=0)


def acceleration_m_s2(motion: Motion) -> Float32[Array, " frames"]:
    """Return the joints' mean acceleration relative to the pelvis, m/s^2, over the frames around this one.

    NaN where a stretch begins and ends.
    """

    def measured(joints_m: Array) -> Float[Array, " bends"]:
        return acceleration_si(acceleration(joints_m), motion.fps)

    return _by_stretch(motion, measured, lost_before=1, lost_after=1)


def attends(motion: Motion) -> bool:
    """Return whether frames other than the current one counted: not where each was estimated by itself."""
    return bool((motion.attention[:, CURRENT] < 1).any())


def mean_known(values: Float32[Array, " frames"]) -> float:
    """Return the mean of what is not NaN; 0 where nothing is known."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0


def _by_stretch(
    motion: Motion, measured: Callable[[Array], Array], lost_before: int, lost_after: int
) -> Float32[Array, " frames"]:
    motion = steadied(motion)
    values = np.full(len(motion), np.nan, np.float32)
    for stretch in motion.stretches():
        if stretch.stop - stretch.start > lost_before + lost_after:
            inner = slice(stretch.start + lost_before, stretch.stop - lost_after)
            values[inner] = measured(motion.joints_m[stretch])
    return values
