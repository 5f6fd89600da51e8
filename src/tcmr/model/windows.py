"""Windows: which frames the model sees for each frame of a clip.

Every frame of a clip of one frame or more is the target of one window. Inside the clip the window is the
frames around the target; at the ends, where it would reach out, `Edges` says what stands there instead.
"""

from typing import Literal

import torch
from jaxtyping import Int64
from torch import Tensor

Edges = Literal["reflect", "hold", "cut", "static"]


def window_indices(
    frame_count: int, window: int = 16, edges: Edges = "reflect"
) -> Int64[Tensor, "frames window"]:
    """Return for each frame the frames of its window.

    "reflect" mirrors the clip at its first and last frame; "hold" repeats these. "static" repeats the target frame
    where the window would reach out of the clip, as the released code does (Paper: released code, test-time
    windows; official clips shorter than a window had none).

    Raises:
        ValueError: there is no frame, or windows are to be cut: then they have no common length.

    >>> window_indices(3, window=4, edges="reflect")
    tensor([[2, 1, 0, 1],
            [1, 0, 1, 2],
            [0, 1, 2, 1]])
    """
    if frame_count < 1 or edges == "cut":
        raise ValueError(f"a clip of {frame_count} frames has no windows of one length with edges {edges!r}")
    targets = torch.arange(frame_count)[:, None]
    if edges == "reflect":
        return padded_indices(frame_count, window)[targets + torch.arange(window)]
    frames = targets - window // 2 + torch.arange(window)
    if edges == "hold":
        return frames.clamp(0, frame_count - 1)
    inside = inside_frames(frame_count, window)
    return torch.where((targets >= inside.start) & (targets < inside.stop), frames, targets)


def cut_window(frame_count: int, target: int, window: int = 16) -> tuple[slice, int]:
    """Return the frames of a target's window that the clip has, and where among them the target is.

    >>> cut_window(20, target=2)
    (slice(0, 10, None), 2)
    """
    first = max(0, target - window // 2)
    return slice(first, min(frame_count, target - window // 2 + window)), target - first


def inside_frames(frame_count: int, window: int = 16) -> range:
    """Return the frames whose windows lie inside the clip; before them 8 do not, after them 7.

    >>> inside_frames(18), inside_frames(5)
    (range(8, 11), range(5, 5))
    """
    if frame_count < window:
        return range(frame_count, frame_count)
    return range(window // 2, frame_count - window + window // 2 + 1)


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
