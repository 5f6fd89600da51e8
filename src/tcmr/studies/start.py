"""Where a study's networks start from: each branch says the present feature as well as its random states allow.

From a random start most of a short training would go into passing the static feature on at all, and a residual
connection, which does so from the first step, would win for that alone.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tcmr.model.ablation import AblatedEncoder
from tcmr.model.tcmr import TCMR

RIDGE = 1e-3


@torch.no_grad()
def start_from_present(network: TCMR, static: Float[Tensor, "clips frames size"]) -> None:
    """Set the linear layer after each recurrent network to the least-squares readout of the target's feature.

    What a residual connection brings already is not asked of the layer again.
    """
    encoder = network.encoder
    layers = [getattr(encoder, name, None) for name in ("linear_bef", "linear_cur", "linear_aft", "joined")]
    for layer in layers:
        if layer is None:
            continue
        inputs = _inputs_of(layer, network, static)
        target = static[:, encoder.target : encoder.target + inputs.shape[1]]
        residual = isinstance(encoder, AblatedEncoder) and encoder.ablation.residual
        if residual and layer is encoder.linear_cur:
            target = torch.zeros_like(target)
        fit(layer, inputs.flatten(0, 1), target.flatten(0, 1))


@torch.no_grad()
def fit(layer: nn.Linear, inputs: Float[Tensor, "samples in"], outputs: Float[Tensor, "samples out"]) -> None:
    """Set a layer to the ridge regression of outputs on inputs."""
    mean_in, mean_out = inputs.mean(0), outputs.mean(0)
    centred = inputs - mean_in
    gram = centred.T @ centred
    ridge = RIDGE * gram.diagonal().mean() * torch.eye(len(gram))
    layer.weight.copy_(torch.linalg.solve(gram + ridge, centred.T @ (outputs - mean_out)).T)
    layer.bias.copy_(mean_out - layer.weight @ mean_in)


def _inputs_of(layer: nn.Module, network: TCMR, static: Tensor) -> Float[Tensor, "clips targets size"]:
    """Return what a layer is given for each target of some clips."""
    seen: list[Tensor] = []

    def keep(module: nn.Module, inputs: Iterable[Tensor]) -> None:
        seen.extend(inputs)

    handle = layer.register_forward_pre_hook(keep)
    network.forward_training_sequence(static)
    handle.remove()
    return seen[0].reshape(len(static), -1, seen[0].shape[-1])
