"""What a motion may be to be shown or exported: its numbers are a person's, and a row for every frame is affordable."""

import numpy as np
from jaxtyping import Float32

from tcmr.types import Motion

Array = np.ndarray

# Every format has a row for every frame. A run waits two seconds for somebody who is out of sight.
LEAST_SHARE, ALWAYS_FRAMES = 0.01, 10_000
LEAST_FPS, MOST_FPS = 1e-6, 1e6
MOST = 1e5  # metres, and whatever else tells of a person
NOT_ROTATED = 0.01
BLOCK = 10_000  # frames


def check_bounds(motion: Motion) -> None:
    """Make sure that a motion, which a file told of, is within what can be shown.

    Raises:
        ValueError: it is not; what is wrong.
    """
    first, last = (int(frame) for frame in motion.frames[[0, -1]])
    if first < 0:
        raise ValueError(f"frame {first} comes before the video")
    if last - first >= len(motion) / LEAST_SHARE + ALWAYS_FRAMES:
        raise ValueError(f"{len(motion)} frames are too few for frames {first} to {last}")
    if not LEAST_FPS <= motion.fps <= MOST_FPS:
        raise ValueError(f"{motion.fps:.3g} frames per second are none")
    for name in ("betas", "camera", "joints_m", "attention", "transl_m"):
        values = getattr(motion, name)
        if values is not None and not np.abs(values).max(initial=0) <= MOST:
            raise ValueError(f"{name} has numbers that no person has")
    for name in ("rotmat", "camera_rotmat"):
        matrices = getattr(motion, name)
        if matrices is not None and not _are_rotations(matrices):
            raise ValueError(f"{name} has matrices that are no rotations")


def _are_rotations(rotmat: Float32[Array, "frames *joints 3 3"]) -> bool:
    return all(map(_is_block_of_rotations, np.array_split(rotmat, 1 + len(rotmat) // BLOCK)))


def _is_block_of_rotations(rotmat: Float32[Array, "frames *joints 3 3"]) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        off = np.abs(rotmat @ rotmat.mT - np.eye(3, dtype=np.float32)).max(initial=0)
        return bool(off <= NOT_ROTATED and np.linalg.det(rotmat).min(initial=1) > 0)
