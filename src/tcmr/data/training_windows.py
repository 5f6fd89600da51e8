"""Which windows of a sequence are trained on."""

import torch
from jaxtyping import Int64
from torch import Tensor


def training_windows(
    frame_count: int, window: int = 16, stride: int = 1, repeat_ends: bool = False
) -> Int64[Tensor, " windows"]:
    """Return the first frame of each training window of a sequence; none if it is shorter than a window.

    With `repeat_ends` the first window comes window // 2 more times and the last as often as is left, as in
    the released code, which does so wherever windows overlap: clip ends get no windows of their own there,
    and their neighbours stand in for them.

    >>> training_windows(40, stride=8).tolist()
    [0, 8, 16, 24]
    """
    first = torch.arange(0, max(frame_count - window + 1, 0), stride)
    if not repeat_ends or stride == window or len(first) == 0:
        return first
    before, after = window // 2, window - window // 2 - 1
    return torch.cat([first[:1].expand(before), first, first[-1:].expand(after)])
