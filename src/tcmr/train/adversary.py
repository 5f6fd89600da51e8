"""The motion discriminator at work: it learns to tell motions apart, and the network to pass for captured."""

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor

from tcmr.train.checkpoint import Part
from tcmr.train.discriminator import MotionDiscriminator, body_pose_of, distance_to, frozen
from tcmr.train.dropout import share_dropout
from tcmr.train.paper_config import Adversarial
from tcmr.train.paper_losses import Mean
from tcmr.train.pooled import pooled

CAPTURED, ESTIMATED = 1.0, 0.0


class Adversary:
    """The discriminator with its optimiser."""

    def __init__(self, settings: Adversarial, fabric: Fabric):
        self.settings, self.fabric = settings, fabric
        self.discriminator = MotionDiscriminator(settings.hidden_size, settings.layers, settings.dropout)
        share_dropout(self.discriminator, fabric.global_rank, fabric.world_size)
        optimiser = torch.optim.Adam(
            self.discriminator.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
        self._wrapped, self.optimiser = fabric.setup(self.discriminator, optimiser)

    def unconvinced(self, estimated: Float[Tensor, "motions frames 24 3 3"]) -> Mean:
        """Return how far estimated motions are from passing for captured ones: a loss of the network's."""
        with frozen(self.discriminator):
            distance = distance_to(CAPTURED, self.discriminator(body_pose_of(estimated)))
        return Mean(self.settings.weight * distance.total, distance.weight)

    def learn(
        self, estimated: Float[Tensor, "motions frames 24 3 3"], captured: Float[Tensor, "motions frames 69"]
    ) -> dict[str, float]:
        """Teach the discriminator one step; return its terms."""
        both = torch.cat([captured, body_pose_of(estimated.detach())])
        scores = self._wrapped(both)
        terms = {
            "captured": distance_to(CAPTURED, scores[: len(captured)]),
            "estimated": distance_to(ESTIMATED, scores[len(captured) :]),
        }
        loss, values = pooled(terms, self.fabric)
        self.optimiser.zero_grad()
        self.fabric.backward(self.settings.discriminator_weight * loss)
        self.optimiser.step()
        return values

    @property
    def parts(self) -> dict[str, Part]:
        """What changes in the course of a run."""
        return {"network": self.discriminator, "optimiser": self.optimiser}
