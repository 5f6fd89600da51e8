"""The low-passes over time that signals without curvature go through."""

import math

import torch
from jaxtyping import Float
from scipy.fft import next_fast_len
from torch import Tensor
from torch.nn.functional import pad


def low_pass(
    values: Float[Tensor, "*batch frames channels"], deviation_frames: float
) -> Float[Tensor, "*batch frames channels"]:
    """Smooth values over time with a Gaussian; the first and the last are held beyond the ends.

    >>> low_pass(torch.tensor([[0.0], [0.0], [1.0], [0.0], [0.0]]), 0.5)[1:4, 0]
    tensor([0.1065, 0.7866, 0.1065])
    """
    reach = low_pass_reach(deviation_frames)
    rows = pad(_rows(values), (reach, reach), mode="replicate")
    return _filtered(rows, _gaussian(deviation_frames, reach), values)


def low_pass_reach(deviation_frames: float) -> int:
    """Return how many frames before and after it a smoothed value depends on.

    >>> low_pass_reach(3.9)
    12
    """
    return math.ceil(3 * deviation_frames)


def steep_low_pass(
    values: Float[Tensor, "*batch frames channels"], deviation_frames: float
) -> Float[Tensor, "*batch frames channels"]:
    """Smooth values over time as a Gaussian does, but pass slow movement whole and stop fast movement sooner.

    Where a Gaussian passes the share g of a frequency, this passes 1 - (1 - g)^3. Beyond the ends, values go on as
    they came (point reflection). Source of the idea: Tukey, Exploratory Data Analysis, 1977 (twicing).

    >>> steep_low_pass(torch.arange(4.0)[:, None], 1.0)[:, 0].round(decimals=3)
    tensor([0., 1., 2., 3.])
    """
    reach = steep_low_pass_reach(deviation_frames)
    once, twice, thrice = (_gaussian(math.sqrt(times) * deviation_frames, reach) for times in (1, 2, 3))
    rows = _continued(_rows(values), reach)
    return _filtered(rows, 3 * once - 3 * twice + thrice, values)


def steep_low_pass_reach(deviation_frames: float) -> int:
    """Return how many frames before and after it a value that is smoothed so depends on.

    >>> steep_low_pass_reach(2.0)
    11
    """
    return low_pass_reach(math.sqrt(3) * deviation_frames)


def _continued(rows: Float[Tensor, "rows frames"], reach: int) -> Float[Tensor, "rows longer"]:
    """Return rows that go on beyond both ends, turned by half a circle about the end, as often as it takes."""
    while reach > 0 and rows.shape[-1] > 1:
        step = min(reach, rows.shape[-1] - 1)
        before = 2 * rows[..., :1] - rows[..., 1 : step + 1].flip(-1)
        after = 2 * rows[..., -1:] - rows[..., -step - 1 : -1].flip(-1)
        rows = torch.cat([before, rows, after], -1)
        reach -= step
    return pad(rows, (reach, reach), mode="replicate")


def _gaussian(deviation: float, reach: int) -> Float[Tensor, " taps"]:
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation) ** 2)
    return kernel / kernel.sum()


def _rows(values: Float[Tensor, "*batch frames channels"]) -> Float[Tensor, "rows frames"]:
    return values.mT.reshape(-1, values.shape[-2])


def _filtered(
    rows: Float[Tensor, "rows longer"],
    kernel: Float[Tensor, " taps"],
    values: Float[Tensor, "*batch frames channels"],
) -> Float[Tensor, "*batch frames channels"]:
    """Filter rows that go beyond the ends of values, and give them the values' shape.

    By Fourier's transform, which is several times as fast as a convolution, above all backwards.
    """
    length = rows.shape[-1]
    fast = next_fast_len(length, real=True)
    product = torch.fft.rfft(rows, n=fast) * torch.fft.rfft(kernel.to(rows), n=fast)
    return torch.fft.irfft(product, n=fast)[..., len(kernel) - 1 : length].reshape(values.mT.shape).mT
