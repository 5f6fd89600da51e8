"""The camera that films a rendered clip: on a tripod, panning or following, held by hand."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

Array = np.ndarray

STANDING_M = 1.72  # a person of this height ...
HEIGHTS_PX = (130.0, 270.0)  # ... is mostly so tall in the picture
DISTANCES_M = (2.0, 8.0)
NEAREST_M = 1.5  # the pelvis stays at least so far from a camera that does not follow


@dataclass(frozen=True)
class CameraPath:
    """A camera through time. `rotmat` takes world axes (y up) to the camera's (x right, y down, z forward)."""

    rotmat: Float32[Array, "frames 3 3"]
    position_m: Float32[Array, "frames 3"]
    focal_px: float
    side_px: int

    @property
    def center_xy_px(self) -> tuple[float, float]:
        """The middle of the square picture."""
        return self.side_px / 2, self.side_px / 2

    def to_camera(self, points_m: Float32[Array, "frames *points 3"]) -> Float32[Array, "frames *points 3"]:
        """Turn world coordinates into camera coordinates."""
        frames = len(self.rotmat)
        flat = points_m.reshape(frames, -1, 3) - self.position_m[:, None]
        return (flat @ self.rotmat.transpose(0, 2, 1)).reshape(points_m.shape)

    def turn_px(self, background_m: float) -> Float[Array, "frames 2"]:
        """Return how far right and down the picture's view moved since the first frame, over a far background."""
        forward = self.rotmat[:, 2].astype(float)
        heading = np.unwrap(np.arctan2(forward[:, 0], forward[:, 2]))
        elevation = np.arcsin(np.clip(forward[:, 1], -1, 1))
        sideways = np.einsum("fi,fi->f", self.rotmat[:, 0], self.position_m - self.position_m[0])
        right = -(heading - heading[0]) + sideways / background_m
        down = -(elevation - elevation[0])
        return self.focal_px * np.stack([right, down], -1)


def film(path_m: Float32[Array, "frames 3"], side_px: int, rng: np.random.Generator) -> CameraPath:
    """Draw a camera that watches somebody whose pelvis takes a path in the world."""
    distance = np.exp(rng.uniform(*np.log(DISTANCES_M)))
    pitch = np.radians(rng.uniform(-12, 30) if rng.random() < 0.8 else rng.uniform(-25, 55))
    heading = rng.uniform(0, 2 * np.pi)
    roll = np.radians(rng.normal(0, 5) if rng.random() < 0.75 else rng.uniform(-30, 30))
    height_px = rng.uniform(*HEIGHTS_PX) if rng.random() < 0.88 else rng.uniform(HEIGHTS_PX[1], 480)
    away = distance * direction(heading, pitch)
    followed = gaussian_filter1d(path_m.astype(float), rng.uniform(3, 15), axis=0, mode="nearest")
    stands = np.tile(path_m.mean(0) + away, (len(path_m), 1))
    moves_along = followed + away
    tripod = rng.random() < 0.5 and np.linalg.norm(stands - path_m, axis=1).min() > NEAREST_M
    position = stands if tripod else moves_along
    # Somewhat past the person, and in a few clips so far that a part of the body is out of the picture.
    aim = rng.normal(0, 0.12 if rng.random() < 0.85 else 0.35, 3)
    looks_at = np.tile(path_m.mean(0), (len(path_m), 1)) if tripod and rng.random() < 0.3 else followed
    rotmat = look_at(position, looks_at + aim, roll)
    if rng.random() < 0.4:
        rotmat = _hand_shake(len(path_m), rng) @ rotmat
    focal_px = height_px * distance / STANDING_M
    return CameraPath(rotmat.astype(np.float32), position.astype(np.float32), float(focal_px), side_px)


def direction(heading: float, pitch: float) -> Float[Array, "3"]:
    """Return the unit vector of a heading about the vertical and an angle above the level, radians."""
    return np.array([np.cos(pitch) * np.cos(heading), np.sin(pitch), np.cos(pitch) * np.sin(heading)])


def look_at(
    position_m: Float[Array, "frames 3"], target_m: Float[Array, "frames 3"], roll: float
) -> Float[Array, "frames 3 3"]:
    """Return the rotation from the world (y up) to a camera that looks at a target, tilted by `roll` radians."""
    forward = target_m - position_m
    forward /= np.linalg.norm(forward, axis=-1, keepdims=True)
    right = np.cross(forward, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right, axis=-1, keepdims=True)
    level = np.stack([right, np.cross(forward, right), forward], 1)
    return Rotation.from_rotvec([0, 0, roll]).as_matrix() @ level


def _hand_shake(frames: int, rng: np.random.Generator) -> Float[Array, "frames 3 3"]:
    """Draw small slow turns, as of a camera held by hand (up to about a degree)."""
    shake = gaussian_filter1d(rng.normal(0, 1, (frames, 3)), rng.uniform(1.5, 5), axis=0)
    shake *= np.radians(rng.uniform(0.1, 0.8)) / max(shake.std(), 1e-9)
    return Rotation.from_rotvec(shake).as_matrix()
