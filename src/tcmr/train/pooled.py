"""Means over a batch that several processes share."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor

from tcmr.train.paper_losses import Mean


def pooled(terms: Mapping[str, Mean], fabric: Fabric) -> tuple[Float[Tensor, ""], dict[str, float]]:
    """Return the loss to be differentiated here, and the terms over the whole batch.

    Data-parallel training averages gradients over processes. With each process's sums divided by the whole
    batch's weight and multiplied by the number of processes, that average is the whole batch's gradient, also
    where labels are spread unevenly.
    """
    weights = torch.stack([mean.weight for mean in terms.values()]).detach()
    whole = fabric.all_reduce(weights.clone(), reduce_op="sum")
    shares = torch.stack(
        [
            Mean(fabric.world_size * mean.total, weight).value()
            for mean, weight in zip(terms.values(), whole, strict=True)
        ]
    )
    values = fabric.all_reduce(shares.detach().clone(), reduce_op="mean")
    return shares.sum(), {name: float(value) for name, value in zip(terms, values, strict=True)}
