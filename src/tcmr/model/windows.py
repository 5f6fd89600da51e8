"""Windows: which frames the model sees for each frame of a clip.

Every frame of a clip of one frame or more is the target of one window. Inside the clip the window is the
frames around the target; at the ends, where it would reach out, `Edges` says what stands there instead.
"""

from typing import Literal

import torch
from jaxtyping import Int64
from torch import Tensor

Edges = Literal["reflect", "static"]


def window_indices(
    frame_count: int, window: int = 16, edges: Edges = "reflect"
) -> Int64[Tensor, "frames window"]:
    """Return for each frame the frames of its window.

    "reflect" mirrors the clip at its first and last frame, so that the ends keep temporal context.
    "static" repeats the target frame where the window would reach out of the clip, as the released code does
    (Paper: released code, test-time windows; official clips shorter than a window had none).

    Raises:
        ValueError: there is no frame.

    >>> window_indices(3, window=4, edges="reflect")
    tensor([[2, 1, 0, 1],
            [1, 0, 1, 2],
            [0, 1, 2, 1]])
    """
    targets = torch.arange(frame_count)[:, None]
    mirrored = padded_indices(frame_count, window)[targets + torch.arange(window)]
    if edges == "reflect":
        return mirrored
    first = targets - window // 2
    outside = (first < 0) | (first + window > frame_count)
    return torch.where(outside, targets, mirrored)


def padded_indices(frame_count: int, window: int = 16) -> Int64[Tensor, " padded"]:
    """Return the frames of a clip mirrored at its ends, so that its full windows have each frame as a target.

    Raises:
        ValueError: there is no frame.

    >>> padded_indices(3, window=4)
    tensor([2, 1, 0, 1, 2, 1])
    """
    if frame_count < 1:
        raise ValueError("a clip without frames has no windows")
    if frame_count == 1:
        return torch.zeros(window, dtype=torch.int64)
    period = 2 * (frame_count - 1)
    folded = (torch.arange(frame_count + window - 1) - window // 2).remainder(period)
    return torch.minimum(folded, period - folded)
