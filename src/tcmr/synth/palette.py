"""Random colours, RGB from 0 to 255."""

import colorsys

import numpy as np
from jaxtyping import Float32

Array = np.ndarray

SKIN_TONES = np.array(
    [
        [236, 203, 180], [225, 175, 145], [205, 150, 115], [178, 125, 92],
        [140, 95, 68], [104, 68, 48], [78, 52, 40], [214, 165, 130],
    ],
    np.float32,
)  # fmt: skip
HAIR_TONES = np.array(
    [[22, 17, 14], [45, 32, 24], [72, 48, 32], [104, 72, 42], [172, 136, 84], [126, 122, 118]], np.float32
)


def any_colour(rng: np.random.Generator) -> Float32[Array, "3"]:
    """Draw a colour of anything made by people: a third of them are greys."""
    if rng.random() < 0.35:
        colour = rng.uniform(10, 245) + rng.normal(0, 8, 3)
    else:
        hue, saturation, value = rng.random(), rng.uniform(0.1, 0.95), rng.uniform(0.1, 0.95)
        colour = 255 * np.array(colorsys.hsv_to_rgb(hue, saturation, value))
    return np.clip(colour, 0, 255).astype(np.float32)


def skin_tone(rng: np.random.Generator) -> Float32[Array, "3"]:
    """Draw a colour of skin."""
    tone = rng.choice(SKIN_TONES) * rng.uniform(0.85, 1.1) + rng.normal(0, 6, 3)
    return np.clip(tone, 5, 250).astype(np.float32)


def hair_tone(rng: np.random.Generator) -> Float32[Array, "3"]:
    """Draw a colour of hair, now and then a dyed one."""
    return 0.6 * any_colour(rng) if rng.random() < 0.12 else rng.choice(HAIR_TONES)
