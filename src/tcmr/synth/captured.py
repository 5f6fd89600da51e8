"""The file of captured motion: segments of rotations and pelvis paths, one after the other."""

from pathlib import Path

import numpy as np
import torch

from tcmr.arrays import Expected, fitting, read_npz
from tcmr.synth.feet import standing_flat

_LAYOUT = {
    "pose": Expected(("frames", 24, 3)),
    "pelvis": Expected(("frames", 3)),
    "start": Expected(("segments",), np.int64),
    "length": Expected(("segments",), np.int64),
    "leg_length": Expected(("segments",)),
    "split": Expected(("segments",), np.str_),
    "name": Expected(("segments",), np.str_),
    "fps": Expected((), np.float64),
}


def read_captured(path: Path, *names: str) -> dict[str, np.ndarray]:
    """Read some of the arrays; `pose`, `start`, `length` and `fps` always. Feet are made to stand flat.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is something else, or its segments reach beyond its frames.
    """
    layout = {name: _LAYOUT[name] for name in ("pose", "start", "length", "fps", *names)}
    arrays = fitting(read_npz(path, layout.__contains__), layout)
    starts, lengths, frames = arrays["start"], arrays["length"], len(arrays["pose"])
    if not ((starts >= 0) & (lengths > 0) & (lengths <= frames) & (starts <= frames - lengths)).all():
        raise ValueError("segments that reach beyond its frames")
    if not (arrays.get("leg_length", np.ones(1)) > 0).all() or not arrays["fps"] > 0:
        raise ValueError("a rate or a leg of no length")
    pose = standing_flat(torch.from_numpy(arrays["pose"]), float(arrays["fps"]))
    return arrays | {"pose": pose.numpy()}
