"""Dropout that does not depend on how many processes share a batch."""

from torch import Tensor, nn


class SharedDropout(nn.Module):
    """Drops the same values of each sample however the batch is shared.

    Every process draws the mask of the whole batch and keeps the rows of its samples: those whose number is
    `rank` modulo `processes`. All must hold equally many.
    """

    def __init__(self, probability: float, rank: int, processes: int):
        super().__init__()
        self.probability, self.rank, self.processes = probability, rank, processes

    def forward(self, values: Tensor) -> Tensor:
        """Drop values in training, and scale the rest so that the mean stays."""
        if not self.training or self.probability == 0:
            return values
        whole = values.new_empty(len(values) * self.processes, *values.shape[1:])
        kept = whole.bernoulli_(1 - self.probability)[self.rank :: self.processes]
        return values * kept / (1 - self.probability)


def share_dropout(network: nn.Module, rank: int, processes: int) -> None:
    """Replace every dropout of a network by one that does not depend on the processes."""
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.Dropout):
                setattr(parent, name, SharedDropout(child.p, rank, processes))
