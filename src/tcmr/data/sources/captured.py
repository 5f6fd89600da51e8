"""Captured motion in SMPL's tree, whatever file it came from: one take of one person, y up."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, indices
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle
from tcmr.types import unbroken

Array = np.ndarray
# No body moves faster; what does is a mistake of the capture, or a calibration pose before the motion.
FASTEST_M_S, FASTEST_TURN_DEG_S = 9.0, 2200.0
# Their rotations about their own bone are the capture's least certain.
LOOSE = ("left_foot", "right_foot", "left_wrist", "right_wrist", "left_hand", "right_hand")
FIRM = [joint for joint in range(len(SMPL_24)) if joint not in indices(SMPL_24, LOOSE)]


@dataclass(frozen=True)
class Take:
    """One person's captured motion.

    `rotmat` has the parent-relative rotations, the pelvis' to the world (y up); `pelvis_m` the pelvis joint's
    places, floor near y = 0; `leg_m` the length from hip to knee to ankle. `subject` decides whose motion is
    held out.
    """

    name: str
    subject: str
    rotmat: Float[Tensor, "frames 24 3 3"]
    pelvis_m: Float32[Array, "frames 3"]
    leg_m: float
    fps: float

    def __post_init__(self) -> None:
        for what, rows in (("pose", self.rotmat.numpy()), ("place of the pelvis", self.pelvis_m)):
            bad = ~np.isfinite(rows.reshape(len(rows), -1)).all(1)
            if bad.any():
                raise TcmrError(f"{self.name}: the {what} of frame {np.flatnonzero(bad)[0]} is not finite")

    def __len__(self) -> int:
        return len(self.rotmat)

    def part(self, rows: slice, name: str) -> "Take":
        """Return some of the frames."""
        return replace(self, name=name, rotmat=self.rotmat[rows], pelvis_m=self.pelvis_m[rows])

    def at_rate(self, fps: float) -> "Take":
        """Return the motion at another number of frames a second, interpolated along the shortest turns."""
        last = len(self) - 1
        moments = np.arange(int(last * fps / self.fps + 1e-6) + 1) * self.fps / fps
        before = np.minimum(moments.astype(np.int64), max(last - 1, 0))
        after = np.minimum(before + 1, last)
        share = (moments - before).astype(np.float32)[:, None]
        turn = axis_angle_from_rotmat(self.rotmat[before].mT @ self.rotmat[after])
        rotmat = self.rotmat[before] @ rotmat_from_axis_angle(turn * torch.from_numpy(share)[:, None])
        pelvis = (1 - share) * self.pelvis_m[before] + share * self.pelvis_m[after]
        return replace(self, rotmat=rotmat, pelvis_m=pelvis, fps=fps)

    def pieces(self, shortest_s: float) -> list["Take"]:
        """Cut where the motion jumps, and leave out what is shorter than `shortest_s`."""
        turns = axis_angle_from_rotmat(self.rotmat[:-1, FIRM].mT @ self.rotmat[1:, FIRM]).norm(dim=-1)
        jumps = np.rad2deg(turns.amax(-1).numpy()) * self.fps > FASTEST_TURN_DEG_S
        jumps |= np.linalg.norm(np.diff(self.pelvis_m, axis=0), axis=1) * self.fps > FASTEST_M_S
        # A jump counts as a missing frame.
        runs = unbroken(np.arange(len(self)) + np.concatenate([[0], np.cumsum(jumps)]))
        kept = [rows for rows in runs if (rows.stop - rows.start) >= shortest_s * self.fps]
        if len(kept) == 1:
            return [self.part(kept[0], self.name)]
        return [self.part(rows, f"{self.name}#{number}") for number, rows in enumerate(kept)]


def leg_length(joints: Float[Array, "24 3"]) -> float:
    """Return the length of SMPL's left leg, from hip to knee to ankle, in the joints' unit."""
    hip, knee, ankle = joints[indices(SMPL_24, ["left_hip", "left_knee", "left_ankle"])]
    return float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
