"""Temporal encoding: a window of static features -> the target frame's features by three recurrent networks.

Attribute names are those of the released checkpoints, so that their tensors load as they are.
"""

from dataclasses import dataclass, fields

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import relu

from tcmr.model.integration import AttentionIntegration


@dataclass(frozen=True)
class TemporalFeatures:
    """What the encoder says of the target frame, branch by branch.

    `past` and `future` are PoseForecast's, made without seeing the target frame; `integrated` is the
    weighted sum; `attention` has the weights in the order past, current, future.
    """

    past: Float[Tensor, "*batch size"]
    current: Float[Tensor, "*batch size"]
    future: Float[Tensor, "*batch size"]
    integrated: Float[Tensor, "*batch size"]
    attention: Float[Tensor, "*batch 3"]

    def frames(self, chosen: slice) -> "TemporalFeatures":
        """Return the features of some frames of clips."""
        return TemporalFeatures(*(getattr(self, field.name)[:, chosen] for field in fields(self)))


class TemporalEncoder(nn.Module):
    """G_all, G_past and G_future, joined by attention. Paper: sections 3.2 to 3.4.

    The target is frame `window // 2`. There is no residual connection from the target's static feature.
    """

    def __init__(self, feature_size: int = 2048, hidden_size: int = 1024, layers: int = 2, window: int = 16):
        super().__init__()
        self.window = window
        self.target = window // 2
        self.gru_cur = nn.GRU(feature_size, hidden_size, layers, bidirectional=True, batch_first=True)
        self.gru_bef = nn.GRU(feature_size, hidden_size, layers, batch_first=True)
        self.gru_aft = nn.GRU(feature_size, hidden_size, layers, batch_first=True)
        self.linear_cur = nn.Linear(2 * hidden_size, feature_size)
        self.linear_bef = nn.Linear(hidden_size, feature_size)
        self.linear_aft = nn.Linear(hidden_size, feature_size)
        self.attention = AttentionIntegration(feature_size)

    def forward(
        self, static: Float[Tensor, "batch window size"], target: int | None = None
    ) -> TemporalFeatures:
        """Encode windows of static features; one that is cut short has its `target` elsewhere.

        A branch to which the cut leaves no frame keeps its state of zero.
        """
        target = self.target if target is None else target
        everything, _ = self.gru_cur(static)
        before = last_state(self.gru_bef, static[:, :target])
        after = last_state(self.gru_aft, static[:, target + 1 :].flip(1))
        return self.integrate(before, everything[:, target], after)

    def integrate(
        self,
        before: Float[Tensor, "*batch hidden"],
        everything: Float[Tensor, "*batch both"],
        after: Float[Tensor, "*batch hidden"],
    ) -> TemporalFeatures:
        """Turn what the three recurrent networks say of a target into its features."""
        past = self.linear_bef(relu(before))
        current = self.linear_cur(relu(everything))
        future = self.linear_aft(relu(after))
        return self.weigh(past, current, future)

    def weigh(
        self,
        past: Float[Tensor, "*batch size"],
        current: Float[Tensor, "*batch size"],
        future: Float[Tensor, "*batch size"],
    ) -> TemporalFeatures:
        """Join the branches' features by attention."""
        branches = torch.stack([past, current, future], dim=-2)
        attention = self.attention(branches)
        integrated = (branches * attention[..., None]).sum(-2)
        return TemporalFeatures(past, current, future, integrated, attention)


def last_state(gru: nn.GRU, steps: Float[Tensor, "batch steps size"]) -> Float[Tensor, "batch hidden"]:
    """Return a recurrent network's output after the last step; zero where there is none."""
    if steps.shape[1] == 0:
        return steps.new_zeros(len(steps), gru.hidden_size)
    states, _ = gru(steps)
    return states[:, -1]
