"""The static feature in fewer numbers, so that a study's trainings take a minute: its principal components.

The regressor is rewritten to take them, so it says the same as before but for what the components leave out.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.features.static import StaticInputs
from tcmr.model.regressor import Regressor
from tcmr.model.weights import FrameModel


@dataclass(frozen=True)
class CompactFeatures:
    """A frame model's features as components of about unit size; `regressor` takes these.

    feature = mean + components @ basis
    """

    frame_model: FrameModel
    mean: Float[Tensor, " size"]
    basis: Float[Tensor, "components size"]
    regressor: Regressor

    @staticmethod
    @torch.no_grad()
    def of(
        frame_model: FrameModel, static: Float[Tensor, "samples size"], components: int
    ) -> "CompactFeatures":
        """Find the components of static features; all are scaled alike, to a mean square of one."""
        mean = static.mean(0)
        _, strengths, directions = torch.linalg.svd(static - mean, full_matrices=False)
        components = min(components, len(strengths))
        scale = strengths[:components].square().mean().sqrt() / len(static) ** 0.5
        basis = scale * directions[:components]
        return CompactFeatures(frame_model, mean, basis, rewritten(frame_model.regressor, mean, basis))

    @torch.no_grad()
    def __call__(self, inputs: StaticInputs) -> Float[Tensor, "*batch components"]:
        """Describe frames."""
        return self.reduce(self.frame_model.static(inputs))

    def reduce(self, static: Float[Tensor, "*batch size"]) -> Float[Tensor, "*batch components"]:
        """Return the components of static features."""
        return (static - self.mean) @ (self.basis / self.basis.square().sum(-1, keepdim=True)).T


@torch.no_grad()
def rewritten(
    regressor: Regressor, mean: Float[Tensor, " size"], basis: Float[Tensor, "components size"]
) -> Regressor:
    """Return a regressor that takes components and says what the given one says of mean + components @ basis."""
    components, size = basis.shape
    new = Regressor(components, regressor.fc1.out_features, dropout=0.0, rounds=regressor.rounds)
    state = regressor.state_dict()
    of_feature, of_rest = state["fc1.weight"].split([size, state["fc1.weight"].shape[1] - size], dim=1)
    state["fc1.weight"] = torch.cat([of_feature @ basis.T, of_rest], 1)
    state["fc1.bias"] = state["fc1.bias"] + of_feature @ mean
    new.load_state_dict(state)
    return new.requires_grad_(True)
