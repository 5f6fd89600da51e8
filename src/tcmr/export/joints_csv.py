"""Joints as a table: .csv, a row for each frame."""

from pathlib import Path

import numpy as np

from tcmr.export.animation import Animation
from tcmr.joints import SMPL_24


def write_csv(animations: list[Animation], path: Path) -> None:
    """Write one person: frame, time in seconds, whether seen, then x, y and z of each joint in metres, y up."""
    (animation,) = animations
    names = ["frame", "time_s", "seen", *(f"{joint}_{axis}_m" for joint in SMPL_24 for axis in "xyz")]
    frames = animation.first_frame + np.arange(len(animation))
    table = np.column_stack(
        [frames, frames / animation.fps, animation.seen, animation.joints_m().reshape(len(animation), -1)]
    )
    formats = ["%d", "%.6f", "%d", *["%.5f"] * (3 * len(SMPL_24))]
    np.savetxt(path, table, formats, delimiter=",", header=",".join(names), comments="")
