"""Joints as markers for OpenSim: .trc, y up, metres."""

from pathlib import Path

import numpy as np

from tcmr.export.animation import Animation
from tcmr.joints import SMPL_24


def write_trc(animations: list[Animation], path: Path) -> None:
    """Write one person, a marker for each joint; the first frame is number 1 at time 0, as OpenSim expects."""
    (animation,) = animations
    count = len(animation)
    numbers = np.arange(count)
    table = np.column_stack([1 + numbers, numbers / animation.fps, animation.joints_m().reshape(count, -1)])
    formats = ["%d", "%.6f", *["%.5f"] * (3 * len(SMPL_24))]
    header = "\n".join(
        "\t".join(map(str, row)) for row in _header(f"{animation.name}.trc", count, animation.fps)
    )
    np.savetxt(path, table, formats, delimiter="\t", header=header, comments="")


def _header(name: str, count: int, fps: float) -> list[list[object]]:
    axes = [f"{axis}{marker}" for marker in range(1, len(SMPL_24) + 1) for axis in "XYZ"]
    recording = {
        "DataRate": fps,
        "CameraRate": fps,
        "NumFrames": count,
        "NumMarkers": len(SMPL_24),
        "Units": "m",
        "OrigDataRate": fps,
        "OrigDataStartFrame": 1,
        "OrigNumFrames": count,
    }
    return [
        ["PathFileType", 4, "(X/Y/Z)", name],
        list(recording),
        list(recording.values()),
        ["Frame#", "Time", *(cell for joint in SMPL_24 for cell in (joint, "", ""))],
        ["", "", *axes],
        [],
    ]
