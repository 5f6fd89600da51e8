"""Cameras that come close: from the knees, the waist or the shoulders up, as of webcams and interviews."""

import numpy as np
from jaxtyping import Float32
from scipy.ndimage import gaussian_filter1d

from tcmr.synth.camera_motion import CameraPath, direction, look_at

Array = np.ndarray

SHOWN_M = (0.35, 1.4)  # of the person, below the crown: what the picture is tall
CROWN_M = 0.2  # above the head joint
ABOVE = (-0.1, 0.25)  # free above the crown, as a share of the picture
DISTANCES_M = (0.6, 2.5)
LEVEL_CHANCE = 0.85


def film_close_up(head_m: Float32[Array, "frames 3"], side_px: int, rng: np.random.Generator) -> CameraPath:
    """Draw a camera that watches somebody whose head joint takes a path in the world, and little of the rest."""
    shown = np.exp(rng.uniform(*np.log(SHOWN_M)))
    distance = np.exp(rng.uniform(*np.log(DISTANCES_M)))
    pitch = np.radians(rng.normal(0, 8) if rng.random() < LEVEL_CHANCE else rng.uniform(-35, 35))
    heading = rng.uniform(0, 2 * np.pi)
    roll = np.radians(rng.normal(0, 4))
    away = distance * direction(heading, pitch)
    middle = CROWN_M - shown * (0.5 - rng.uniform(*ABOVE))
    aside = rng.normal(0, 0.12) * shown
    aim = np.array([-np.sin(heading) * aside, middle, np.cos(heading) * aside])
    followed = gaussian_filter1d(head_m.astype(float), rng.uniform(3, 12), axis=0, mode="nearest")
    watched = followed + aim
    position = watched + away
    return CameraPath(
        look_at(position, watched, roll).astype(np.float32),
        position.astype(np.float32),
        float(side_px * distance / shown),
        side_px,
    )
