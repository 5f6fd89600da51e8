"""Where a motion is, and in which axes."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float32

from tcmr.errors import TcmrError
from tcmr.types import Motion

Array = np.ndarray


def path_of(motion: Motion) -> Float32[Array, "frames 3"]:
    """Return where the pelvis is, in the motion's axes.

    Raises:
        TcmrError: it is not known.
    """
    if motion.transl_m is None:
        raise TcmrError(f"person {motion.person} has no place: only motions of `tcmr run` can be placed")
    return motion.transl_m


def turned(motion: Motion, turn: Float32[Array, "*frames 3 3"]) -> Motion:
    """Take a motion to other axes, all frames by one turn or each by its own; a place is turned if there is one."""
    place_m = motion.transl_m
    return replace(
        motion,
        rotmat=np.concatenate([turn[..., None, :, :] @ motion.rotmat[:, :1], motion.rotmat[:, 1:]], 1),
        joints_m=motion.joints_m @ turn.swapaxes(-1, -2),
        transl_m=None if place_m is None else (turn @ place_m[..., None])[..., 0],
    )


def steadied(motion: Motion) -> Motion:
    """Take a motion to the axes that the camera had in the first frame of the shot, however it turned since."""
    if motion.camera_rotmat is None:
        return motion
    return replace(turned(motion, motion.camera_rotmat), camera_rotmat=None)
