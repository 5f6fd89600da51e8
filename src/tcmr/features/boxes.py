"""The square crop around a person in every frame: what the static features and the camera refer to."""

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.lowpass import low_pass, low_pass_reach

# Room for the head's top and for hands.
BOX_SCALE = 1.2
SMALLEST = 1e-6  # so that landmarks on one spot still have a box
# Boxes follow the person, not the landmarks' jitter.
SMOOTHING_S = 0.13


def square_boxes(
    xy_px: Float[Tensor, "*batch points 2"], scale: float = BOX_SCALE
) -> Float[Tensor, "*batch 4"]:
    """Put a square box around landmarks: x1, y1, x2, y2, in the landmarks' pixels.

    Its side is `scale` times the longer side of the landmarks' extent.
    """
    low, high = xy_px.amin(-2), xy_px.amax(-2)
    half = (high - low).amax(-1, keepdim=True).clamp(min=SMALLEST) * scale / 2
    middle = (low + high) / 2
    return torch.cat([middle - half, middle + half], -1)


def smoothing_reach(fps: float) -> int:
    """Return how many frames before and after it a smoothed box depends on.

    >>> smoothing_reach(30.0)
    12
    """
    return low_pass_reach(SMOOTHING_S * fps)


def smooth_boxes(boxes: Float[Tensor, "*batch frames 4"], fps: float) -> Float[Tensor, "*batch frames 4"]:
    """Smooth boxes over time with a Gaussian; the first and the last are held beyond the ends."""
    return low_pass(boxes, SMOOTHING_S * fps)
