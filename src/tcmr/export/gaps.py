"""Frames in which a person was not seen, filled in: most formats have a row for every frame."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int64

from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle

Array = np.ndarray


@dataclass(frozen=True)
class Between:
    """For every frame from the first to the last: the seen rows before and after, and how far between them."""

    before: Int64[Array, " all"]
    after: Int64[Array, " all"]
    share: Float32[Array, " all"]

    @staticmethod
    def of(frames: Int64[Array, " seen"]) -> "Between":
        """Find the neighbours of every frame among those seen, which ascend."""
        every = np.arange(frames[0], frames[-1] + 1)
        after = np.searchsorted(frames, every)
        before = np.where(frames[after] == every, after, after - 1)
        span = np.maximum(frames[after] - frames[before], 1)
        return Between(before, after, ((every - frames[before]) / span).astype(np.float32))

    @property
    def seen(self) -> Bool[Array, " all"]:
        """Tell which frames need no interpolation."""
        return self.before == self.after

    def vectors(self, seen: Float32[Array, "seen size"]) -> Float32[Array, "all size"]:
        """Interpolate vectors along straight lines."""
        return seen[self.before] + self.share[:, None] * (seen[self.after] - seen[self.before])

    def rotations(self, seen: Float32[Array, "seen 24 3 3"]) -> Float32[Array, "all 24 3 3"]:
        """Interpolate rotations at constant speed, the shorter way."""
        rotmat, gap = torch.from_numpy(seen[self.before]), torch.from_numpy(~self.seen)
        end, share = torch.from_numpy(seen[self.after]), torch.from_numpy(self.share)
        rotmat[gap] = _slerp(rotmat[gap], end[gap], share[gap])
        return rotmat.numpy()


def _slerp(
    start: Float[torch.Tensor, "frames 24 3 3"],
    end: Float[torch.Tensor, "frames 24 3 3"],
    share: Float[torch.Tensor, " frames"],
) -> Float[torch.Tensor, "frames 24 3 3"]:
    turn = axis_angle_from_rotmat(start.mT @ end)
    return start @ rotmat_from_axis_angle(share[:, None, None] * turn)
