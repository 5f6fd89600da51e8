"""The network as it is trained: plain tensors in and out, as wrappers for devices and precision want them."""

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tcmr.model.regressor import Regressor
from tcmr.model.spin import load_spin
from tcmr.model.tcmr import TCMR
from tcmr.tensors import fill_strictly

Parameters = tuple[Tensor, Tensor, Tensor]


class SupervisedTCMR(nn.Module):
    """TCMR's three supervised branches on windows, and its integrated branch over clips."""

    def __init__(self, tcmr: TCMR):
        super().__init__()
        self.tcmr = tcmr

    def forward(
        self,
        windows: Float[Tensor, "samples window size"],
        clips: Float[Tensor, "clips frames size"] | None = None,
    ) -> tuple[Parameters, Tensor | None]:
        """Return rotations, shapes and cameras of [samples, branches], and the clips' rotations.

        The order of the branches is past, future, integrated.
        """
        output = self.tcmr.forward_training(windows)
        branches = output.past, output.future, output.integrated
        parameters = (
            torch.stack([branch.rotmat for branch in branches], 1),
            torch.stack([branch.betas for branch in branches], 1),
            torch.stack([branch.camera for branch in branches], 1),
        )
        if clips is None:
            return parameters, None
        motions, _ = self.tcmr.forward_sequence(clips)
        return parameters, motions.rotmat


def start_from_spin(regressor: Regressor, path: Path) -> None:
    """Load SPIN's regressor, from which TCMR's starts. Paper: section 4.

    Raises:
        TcmrError: it is not SPIN's checkpoint (see `load_spin`), or the regressor has other sizes.
    """
    fill_strictly(regressor, load_spin(path).regressor.state_dict(), path)
