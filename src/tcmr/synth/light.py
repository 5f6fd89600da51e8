"""The light of a rendered scene: from everywhere, from above, and from two lamps."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

Array = np.ndarray

BACK_LIT_CHANCE = 0.1
GLOSS_POWER = 20


@dataclass(frozen=True)
class Lighting:
    """Light as shares of a surface's own colour. `lamps` point from the scene to the lamps, in the world."""

    ambient: Float32[Array, "3"]
    sky: float
    lamps: Float32[Array, "2 3"]
    lamp_rgb: Float32[Array, "2 3"]
    gloss: float

    def shade(
        self,
        rgb: Float32[Array, "vertices 3"],
        normals: Float32[Array, "vertices 3"],
        camera_rotmat: Float32[Array, "3 3"],
    ) -> Float32[Array, "vertices 3"]:
        """Return what surfaces show to a camera; `normals` are in its axes, `camera_rotmat` is world to camera."""
        up = camera_rotmat[:, 1]
        lamps = self.lamps @ camera_rotmat.T
        light = self.ambient + (self.sky * (0.5 + 0.5 * (normals @ up)))[:, None]
        light = light + np.clip(normals @ lamps.T, 0, None) @ self.lamp_rgb
        halfway = lamps[0] - np.array([0, 0, 1], np.float32)
        halfway /= np.linalg.norm(halfway) + 1e-6
        highlight = self.gloss * np.clip(normals @ halfway, 0, None) ** GLOSS_POWER
        return np.clip(rgb * light + highlight[:, None], 0, 255).astype(np.float32)


def draw_lighting(away_from_camera: Float[Array, "3"], rng: np.random.Generator) -> Lighting:
    """Draw a light. `away_from_camera` is the direction in which the camera looks, in the world."""
    lamps = rng.normal(0, 1, (2, 3))
    lamps[:, 1] = np.abs(lamps[:, 1])
    lamp_rgb = 1 + rng.normal(0, 0.08, (2, 3))
    lamp_rgb *= np.array([[rng.uniform(0.2, 0.8)], [rng.uniform(0, 0.35)]])
    ambient, sky = rng.uniform(0.2, 0.55) * (1 + rng.normal(0, 0.05, 3)), rng.uniform(0, 0.25)
    exposure = rng.uniform(0.7, 1.1) / (ambient.mean() + 0.5 * lamp_rgb.sum(0).mean() + 0.5 * sky)
    if rng.random() < BACK_LIT_CHANCE:  # the lamp is behind the person, who comes out dark
        lamps = lamps * 0.4 + 1.5 * away_from_camera
        exposure *= rng.uniform(0.5, 0.9)
    lamps /= np.linalg.norm(lamps, axis=1, keepdims=True)
    return Lighting(
        ambient=(exposure * ambient).astype(np.float32),
        sky=float(exposure * sky),
        lamps=lamps.astype(np.float32),
        lamp_rgb=(exposure * lamp_rgb).astype(np.float32),
        gloss=float(25 * lamp_rgb[0].mean()),
    )
