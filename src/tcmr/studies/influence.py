"""How much each frame of a window weighs in what the temporal model says of its target."""

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.model.tcmr import TCMR

DIRECTIONS = 4


def influence(
    tcmr: TCMR, windows: Float[Tensor, "samples window size"], generator: torch.Generator
) -> Float[Tensor, " window"]:
    """Return each frame's share in the sensitivity of the estimated pose; the shares sum to one.

    The sensitivity to a frame is the root mean square of the pose's change (nine numbers of each joint's rotation)
    when the frame's static feature trembles by itself, as strongly in each number as that number varies in the
    windows. Directions of change are drawn at random: source: Hutchinson's estimator of a Jacobian's norm.
    """
    spread = windows.flatten(0, 1).std(0)
    total = torch.zeros(windows.shape[1])
    for _ in range(DIRECTIONS):
        seen = windows.clone().requires_grad_(True)
        rotmat = tcmr(seen)[0].rotmat
        direction = torch.randn(rotmat.shape, generator=generator)
        (gradient,) = torch.autograd.grad((rotmat * direction).sum(), seen)
        total += (gradient * spread).square().sum((0, 2))
    return total.sqrt() / total.sqrt().sum()
