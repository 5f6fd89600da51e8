"""Biovision hierarchy: .bvh, y up, metres, degrees, rotations in the order Z, X, Y."""

import warnings
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32
from scipy.spatial.transform import Rotation

from tcmr.export.animation import Animation
from tcmr.joints import SMPL_24, SMPL_PARENTS

Array = np.ndarray
ROTATION_CHANNELS = "Zrotation Xrotation Yrotation"
END_OF_PARENT_BONE = 0.5  # how long the last bone of a chain is drawn


def write_bvh(animations: list[Animation], path: Path) -> None:
    """Write one person of one shape."""
    (animation,) = animations
    angles = euler_zxy_deg(animation.rotmat[:, below(0)]).reshape(len(animation), -1)
    with path.open("w") as file:
        file.write("HIERARCHY\n" + "\n".join(_joint(0, animation.bones_m, "")) + "\n")
        file.write(f"MOTION\nFrames: {len(animation)}\nFrame Time: {1 / animation.fps:.8f}\n")
        np.savetxt(file, np.column_stack([animation.pelvis_m, angles]), "%.5f")


def euler_zxy_deg(rotmat: Float32[Array, "frames joints 3 3"]) -> Float[Array, "frames joints 3"]:
    """Return the angles of R = Rz Rx Ry in degrees, as continuous in time as they can be."""
    with warnings.catch_warnings():
        # Where x is 90 degrees, z and y turn about one axis; scipy then takes one of many right answers.
        warnings.filterwarnings("ignore", message="Gimbal lock")
        angles = Rotation.from_matrix(rotmat.reshape(-1, 3, 3)).as_euler("ZXY", degrees=True)
    return np.unwrap(angles.reshape(*rotmat.shape[:2], 3), axis=0, period=360)


def children_of(joint: int) -> list[int]:
    """Return the joints that hang on a joint."""
    return [child for child, parent in enumerate(SMPL_PARENTS) if parent == joint]


def below(joint: int) -> list[int]:
    """Return a joint and everything below it, branch by branch: the order of a file's columns."""
    return [joint, *(each for child in children_of(joint) for each in below(child))]


def _joint(joint: int, bones_m: Float32[Array, "24 3"], indent: str) -> list[str]:
    """Return the lines of a joint and of everything below it."""
    kind, channels = "JOINT", f"3 {ROTATION_CHANNELS}"
    if SMPL_PARENTS[joint] < 0:
        kind, channels = "ROOT", f"6 Xposition Yposition Zposition {ROTATION_CHANNELS}"
    lines = [
        f"{kind} {SMPL_24[joint]}",
        "{",
        f"  OFFSET {_numbers(bones_m[joint])}",
        f"  CHANNELS {channels}",
    ]
    for child in children_of(joint):
        lines += _joint(child, bones_m, "  ")
    if not children_of(joint):
        end = END_OF_PARENT_BONE * bones_m[joint]
        lines += ["  End Site", "  {", f"    OFFSET {_numbers(end)}", "  }"]
    return [indent + line for line in [*lines, "}"]]


def _numbers(vector: Float32[Array, "3"]) -> str:
    return " ".join(f"{value:.6f}" for value in vector)
