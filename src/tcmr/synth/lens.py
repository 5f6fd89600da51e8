"""What lens and sensor do to a rendered picture: blur, noise, tone."""

import math
from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Float32, UInt8

from tcmr.compiled import compiled

Array = np.ndarray

NOISE_MARGIN_PX = 64


@dataclass(frozen=True)
class Lens:
    """One clip's camera. `shutter` is how much of the time between frames it is open (0: no motion blur).

    `noise` is drawn once for the clip and moved about: it is larger than the picture by `NOISE_MARGIN_PX`.
    """

    blur_px: float
    noise: Float32[Array, "larger larger 1"] | None
    gamma: float
    shutter: float

    def expose(
        self, picture: Float32[Array, "side side 3"], rng: np.random.Generator
    ) -> UInt8[Array, "side side 3"]:
        """Take the picture (0 to 255)."""
        taken = blurred(picture, self.blur_px)
        if self.noise is not None:
            top, left = rng.integers(NOISE_MARGIN_PX, size=2)
            taken += self.noise[top : top + len(taken), left : left + len(taken)]
        tones = (255 * (np.arange(256) / 255) ** self.gamma).astype(np.uint8)
        return tones[np.clip(taken, 0, 255).astype(np.uint8)]


def draw_lens(side_px: int, rng: np.random.Generator) -> Lens:
    """Draw a lens: mostly sharp, a third with noise, a third with motion blur."""
    noise = None
    if rng.random() < 0.35:
        larger = side_px + NOISE_MARGIN_PX
        noise = rng.standard_normal((larger, larger, 1), np.float32) * np.float32(rng.uniform(1, 8))
    return Lens(
        blur_px=rng.uniform(0.35, 1.1) if rng.random() < 0.85 else rng.uniform(1.1, 2.2),
        noise=noise,
        gamma=rng.uniform(0.75, 1.35) if rng.random() < 0.5 else 1.0,
        shutter=rng.uniform(0.2, 0.9) if rng.random() < 0.3 else 0.0,
    )


def blurred(picture: Float32[Array, "height width 3"], sigma_px: float) -> Float32[Array, "height width 3"]:
    """Blur by a Gaussian; the edge's pixels are repeated outwards."""
    reach = max(1, math.ceil(3 * sigma_px))
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (offsets / sigma_px) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    flat = _blur(np.ascontiguousarray(picture).reshape(len(picture), -1), weights, picture.shape[2])
    return flat.reshape(picture.shape)


@no_type_check
@compiled(fastmath=True, nogil=True)
def _blur(rows, weights, channels):
    """Blur down the columns into a padded row, then along that row; pixels lie as `channels` values in a row."""
    height, width = rows.shape
    reach = len(weights) // 2
    margin = reach * channels
    padded = np.empty(width + 2 * margin, np.float32)
    out = np.empty_like(rows)
    for y in range(height):
        padded[margin : margin + width] = 0
        for tap in range(len(weights)):
            source = rows[min(max(y + tap - reach, 0), height - 1)]
            for x in range(width):
                padded[margin + x] += weights[tap] * source[x]
        for x in range(margin):
            padded[x] = padded[margin + x % channels]
            padded[margin + width + x] = padded[margin + width - channels + x % channels]
        out[y] = 0
        for tap in range(len(weights)):
            shifted = padded[tap * channels : tap * channels + width]
            for x in range(width):
                out[y, x] += weights[tap] * shifted[x]
    return out
