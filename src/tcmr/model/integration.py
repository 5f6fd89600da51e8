"""Integration: how much the past, the current and the future branch count. Paper: section 3.4."""

from jaxtyping import Float
from torch import Tensor, nn


class AttentionIntegration(nn.Module):
    """Weigh the branches' features by what they say.

    The tanh before the softmax bounds each weight between 0.063 and 0.787.
    """

    def __init__(self, feature_size: int = 2048, hidden_size: int = 256, branches: int = 3):
        super().__init__()
        self.fc = nn.Linear(feature_size, hidden_size)
        self.attention = nn.Sequential(
            nn.Linear(branches * hidden_size, hidden_size),
            nn.Tanh(),
            nn.Linear(hidden_size, hidden_size),
            nn.Tanh(),
            nn.Linear(hidden_size, branches),
            nn.Tanh(),
        )

    def forward(self, branches: Float[Tensor, "*batch branches size"]) -> Float[Tensor, "*batch branches"]:
        """Return each branch's weight; they sum to one."""
        return self.attention(self.fc(branches).flatten(-2)).softmax(-1)
