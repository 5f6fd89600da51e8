"""Does a motion look captured or estimated? VIBE's motion discriminator, an option of training.

The paper's TCMR is trained without it; the released code builds one and never uses it.
Source: Kocabas et al., "VIBE: Video Inference for Human Body Pose and Shape Estimation", CVPR 2020.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tcmr.joints import SMPL_24
from tcmr.rotations import axis_angle_from_rotmat
from tcmr.train.paper_losses import Mean

BODY_POSE_SIZE = 3 * (len(SMPL_24) - 1)


class MotionDiscriminator(nn.Module):
    """A recurrent network over frames, whose states are averaged by attention and scored: near 1 is captured."""

    def __init__(self, hidden_size: int = 1024, layers: int = 2, dropout: float = 0.2):
        super().__init__()
        self.gru = nn.GRU(BODY_POSE_SIZE, hidden_size, layers, batch_first=True)
        self.attention = nn.Sequential(
            nn.Linear(hidden_size, hidden_size),
            nn.Tanh(),
            nn.Dropout(dropout),
            nn.Linear(hidden_size, hidden_size),
            nn.Tanh(),
            nn.Dropout(dropout),
            nn.Linear(hidden_size, 1),
            nn.Tanh(),
            nn.Dropout(dropout),
        )
        self.score = nn.Linear(hidden_size, 1)

    def forward(self, body_pose: Float[Tensor, "motions frames 69"]) -> Float[Tensor, " motions"]:
        """Score motions, given as the axis-angle of every joint but the pelvis."""
        states, _ = self.gru(body_pose)
        weights = self.attention(states).softmax(dim=1)
        return self.score((weights * states).sum(1))[:, 0]


def body_pose_of(rotmat: Float[Tensor, "motions frames 24 3 3"]) -> Float[Tensor, "motions frames 69"]:
    """Return motions as the discriminator takes them."""
    return axis_angle_from_rotmat(rotmat[:, :, 1:]).flatten(2)


def distance_to(target: float, scores: Float[Tensor, " motions"]) -> Mean:
    """Return the mean squared distance of scores to a target: least squares, as in VIBE."""
    return Mean.of((scores[:, None] - target) ** 2, torch.ones_like(scores))


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Let gradients pass through a network, but not into it."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
