"""Raw data of every kind, made up in the exact structure in which its makers give it out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

AmassWriter = Callable[..., Path]


@pytest.fixture
def write_amass() -> AmassWriter:
    """Return a writer of AMASS's files: a body that stands upright (z up), drifts along x and bends its left knee."""

    def write(path: Path, frames: int = 300, width: int = 156, **changes: np.ndarray) -> Path:
        poses = np.zeros((frames, width))
        poses[:, 0] = np.pi / 2
        poses[:, 3 * 4] = np.linspace(0, 1, frames)
        trans = np.stack([np.linspace(0, 2, frames), np.full(frames, 3.0), np.full(frames, 1.2)], 1)
        arrays = {
            "poses": poses,
            "trans": trans,
            "betas": np.zeros(16),
            "dmpls": np.zeros((frames, 8)),
            "gender": np.array("female"),
            "mocap_framerate": np.array(120.0),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{name: array for name, array in (arrays | changes).items() if array is not None})
        return path

    return write
