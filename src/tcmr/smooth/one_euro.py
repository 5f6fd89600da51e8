"""The One-Euro filter on rotations: calm while a joint rests, quick while it turns."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.errors import TcmrError
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle


@dataclass(frozen=True)
class OneEuro:
    """Follow the readings through a low-pass whose cutoff grows with the joint's own speed.

    Causal. `cutoff_hz` holds at rest, `speed_gain` is what a speed of 1 rad/s adds to it in Hz, and
    `speed_cutoff_hz` smooths the speed itself. Offsets are axis-angle vectors from the last filtered rotation.
    Source: Casiez, Roussel and Vogel, "1 Euro Filter", CHI 2012.

    Raises:
        TcmrError: a cutoff is not above 0, or the gain is negative.
    """

    cutoff_hz: float = 3.0
    speed_gain: float = 0.3
    speed_cutoff_hz: float = 1.0

    def __post_init__(self) -> None:
        if not (self.cutoff_hz > 0 and self.speed_cutoff_hz > 0 and self.speed_gain >= 0):
            raise TcmrError(f"cutoffs must be above 0 Hz and the gain not negative: {self}")

    def __call__(
        self, rotmat: Float[Tensor, "frames *joints 3 3"], fps: float
    ) -> Float[Tensor, "frames *joints 3 3"]:
        """Filter rotations of consecutive frames."""
        filtered, speed = [rotmat[0]], torch.zeros_like(rotmat[0, ..., 0])
        speed_share = _share(torch.tensor(self.speed_cutoff_hz).to(rotmat), fps)
        for reading in rotmat[1:]:
            offset = axis_angle_from_rotmat(filtered[-1].mT @ reading)
            speed = speed.lerp(offset * fps, speed_share)
            cutoff_hz = self.cutoff_hz + self.speed_gain * speed.norm(dim=-1, keepdim=True)
            filtered.append(filtered[-1] @ rotmat_from_axis_angle(_share(cutoff_hz, fps) * offset))
        return torch.stack(filtered)


def _share(cutoff_hz: Tensor, fps: float) -> Tensor:
    """Return the share of the way to the new reading that a first-order low-pass goes in one frame."""
    return 1 / (1 + fps / (2 * math.pi * cutoff_hz))
