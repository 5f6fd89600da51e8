"""The average filter of the paper's demonstration: each joint follows its readings at a fixed share."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.errors import TcmrError
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle


@dataclass(frozen=True)
class SlerpAverage:
    """Go from the last filtered rotation towards each new one by the share `ratio` of the way between.

    Causal; lags by (1 - ratio) / ratio frames, 2.3 at the default, whatever the frame rate.
    Paper: released code, spherical interpolation with ratio 0.3.

    Raises:
        TcmrError: the ratio is not above 0 and at most 1.
    """

    ratio: float = 0.3

    def __post_init__(self) -> None:
        if not 0 < self.ratio <= 1:
            raise TcmrError(f"the ratio of the slerp average must be above 0 and at most 1, not {self.ratio}")

    def __call__(
        self, rotmat: Float[Tensor, "frames *joints 3 3"], fps: float
    ) -> Float[Tensor, "frames *joints 3 3"]:
        """Filter rotations of consecutive frames."""
        filtered = [rotmat[0]]
        for reading in rotmat[1:]:
            offset = axis_angle_from_rotmat(filtered[-1].mT @ reading)
            filtered.append(filtered[-1] @ rotmat_from_axis_angle(self.ratio * offset))
        return torch.stack(filtered)
