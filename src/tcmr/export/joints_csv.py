"""Joints and their angles as a table: .csv, a row for each frame."""

from pathlib import Path

import numpy as np

from tcmr.export.animation import Animation
from tcmr.export.joint_angles import angles_of
from tcmr.joints import SMPL_24


def write_csv(animations: list[Animation], path: Path) -> None:
    """Write one person: frame, time in seconds, whether seen, x, y and z of each joint in metres (y up), and angles."""
    (animation,) = animations
    posed = animation.posed()
    angles = angles_of(posed, animation.rotmat[:, 0])
    names = [
        *("frame", "time_s", "seen"),
        *(f"{joint}_{axis}_m" for joint in SMPL_24 for axis in "xyz"),
        *(f"{angle}_deg" for angle in angles),
    ]
    frames = animation.first_frame + np.arange(len(animation))
    joints_m = posed.joints_m.numpy().reshape(len(animation), -1)
    table = np.column_stack([frames, frames / animation.fps, animation.seen, joints_m, *angles.values()])
    formats = ["%d", "%.6f", "%d", *["%.5f"] * joints_m.shape[1], *["%.2f"] * len(angles)]
    np.savetxt(path, table, formats, delimiter=",", header=",".join(names), comments="")
