"""The one low-pass that signals without curvature go through: a Gaussian over time."""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv1d, pad


def low_pass(
    values: Float[Tensor, "*batch frames channels"], deviation_frames: float
) -> Float[Tensor, "*batch frames channels"]:
    """Smooth values over time with a Gaussian; the first and the last are held beyond the ends.

    >>> low_pass(torch.tensor([[0.0], [0.0], [1.0], [0.0], [0.0]]), 0.5)[:, 0]
    tensor([2.6387e-04, 1.0645e-01, 7.8657e-01, 1.0645e-01, 2.6387e-04])
    """
    reach = low_pass_reach(deviation_frames)
    time = torch.arange(-reach, reach + 1).to(values)
    kernel = torch.exp(-0.5 * (time / deviation_frames) ** 2)
    kernel = kernel / kernel.sum()
    rows = values.mT.reshape(-1, 1, values.shape[-2])
    smoothed = conv1d(pad(rows, (reach, reach), mode="replicate"), kernel[None, None])
    return smoothed.reshape(values.mT.shape).mT


def low_pass_reach(deviation_frames: float) -> int:
    """Return how many frames before and after it a smoothed value depends on.

    >>> low_pass_reach(3.9)
    12
    """
    return math.ceil(3 * deviation_frames)
