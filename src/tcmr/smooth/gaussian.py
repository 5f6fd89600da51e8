"""A Gaussian on rotations: the offline filter, without lag."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from tcmr.errors import TcmrError
from tcmr.rotations import mean_rotmat


@dataclass(frozen=True)
class Gaussian:
    """Take the chordal mean of the rotations around each frame, weighted by a Gaussian of `sigma_s` seconds.

    Not causal. Beyond the ends the first and the last rotation are held.

    Raises:
        TcmrError: sigma is not above 0.
    """

    sigma_s: float = 0.05

    def __post_init__(self) -> None:
        if not self.sigma_s > 0:
            raise TcmrError(f"sigma of the Gaussian must be above 0 s, not {self.sigma_s}")

    def __call__(
        self, rotmat: Float[Tensor, "frames *joints 3 3"], fps: float
    ) -> Float[Tensor, "frames *joints 3 3"]:
        """Filter rotations of consecutive frames."""
        sums = gaussian_filter1d(rotmat.cpu().numpy(), self.sigma_s * fps, axis=0, mode="nearest")
        return mean_rotmat(torch.from_numpy(sums)).to(rotmat.device)
