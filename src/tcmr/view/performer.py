"""One person as the page shows it: a skin, rotations, a path, and the way from the camera to a level floor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, Int16

from tcmr.body import BodyModel
from tcmr.export.animation import Animation
from tcmr.export.axes import Y_UP_FROM_CAMERA
from tcmr.export.colour import person_colour
from tcmr.export.skin import Skin
from tcmr.result import person_summary
from tcmr.rotations import rotmat_between
from tcmr.types import Motion
from tcmr.view.curves import acceleration_m_s2, attends, mean_known, speed_m_s
from tcmr.world.feet import foot_points_m
from tcmr.world.gravity import find_down, in_each_shot, standing_direction
from tcmr.world.path import smooth_path
from tcmr.world.shape import with_one_shape

Array = np.ndarray

QUATERNION_UNIT = 32767
UP = np.array([0.0, 1.0, 0.0], np.float32)


@dataclass(frozen=True)
class Performer:
    """A person with one shape. `steady` is the motion with its path smoothed, `level` takes it to the floor.

    `level` is a 4x4 matrix from the camera as the shot began, with y up, to a world with y up whose floor is y = 0.
    """

    motion: Motion
    steady: Motion
    level: Float32[Array, "4 4"]
    body: BodyModel

    def about(self, key: str) -> dict[str, Any]:
        """Return what the page is told in words and numbers."""
        motion = self.motion
        colour = [round(value / 255, 3) for value in person_colour(motion.person)]
        summary = person_summary(motion)
        return {
            "key": key,
            "id": motion.person,
            "label": f"person {motion.person}",
            "colour": colour,
            "css": f"rgb({', '.join(str(round(255 * value)) for value in colour)})",
            "first_frame": int(motion.frames[0]),
            "level": self.level.T.flatten().tolist(),  # column after column
            "ranges": summary["ranges"],
            "frames": summary["frames"],
            "height_m": self.height_m(),
            "mean_speed_m_s": mean_known(speed_m_s(motion)),
            "mean_acceleration_m_s2": mean_known(acceleration_m_s2(motion)),
            "path_m": self.path_m(),
            "attends": attends(motion),
        }

    def arrays(self) -> dict[str, Array]:
        """Return what the page is given: a row for every frame from the first to the last."""
        animation = Animation.of(self.motion, self.body, "")
        steady = Animation.of(self.steady, self.body, "")
        seen = animation.seen
        return {
            "rest_vertices": Skin.of(animation).vertices_m,
            "rest_joints": animation.rest_joints_m,
            "quaternions": _in_whole_numbers(animation.quaternions()),
            "pelvis": animation.pelvis_m,
            "path": steady.pelvis_m,
            "path_quaternions": _in_whole_numbers(steady.quaternions()[:, 0]),
            "seen": seen.astype(np.uint8),
            "speed": _for_every(seen, speed_m_s(self.motion)),
            "acceleration": _for_every(seen, acceleration_m_s2(self.motion)),
            "attention": _for_every(seen, self.motion.attention),
        }

    def height_m(self) -> float:
        """Return the height of the body in T-pose."""
        vertices = self.body.with_shape(torch.from_numpy(self.motion.betas[0])).vertices_m
        return float(vertices[:, 1].max() - vertices[:, 1].min())

    def path_m(self) -> float:
        """Return the length of the smoothed path, over the stretches in which the person is seen."""
        if self.steady.transl_m is None:
            return 0.0
        steps = [np.diff(self.steady.transl_m[stretch], axis=0) for stretch in self.steady.stretches()]
        return float(sum(np.linalg.norm(step, axis=1).sum() for step in steps))


def performers(motions: Sequence[Motion], body: BodyModel) -> list[Performer]:
    """Give the persons of one clip one shape each, a steady path and a floor under them."""
    motions = [with_one_shape(motion, body) for motion in motions]
    placed = all(motion.transl_m is not None for motion in motions)
    steady = [smooth_path(motion) if placed else _at_origin(motion) for motion in motions]
    feet = [foot_points_m(motion, body) for motion in steady]
    downs = in_each_shot(find_down, steady, feet) if placed else in_each_shot(standing_direction, motions)
    return [
        Performer(motion, still, level_from_camera(points @ Y_UP_FROM_CAMERA.T, _up(down)), body)
        for motion, still, points, down in zip(motions, steady, feet, downs, strict=True)
    ]


def _up(down: Float[Array, "3"]) -> Float32[Array, "3"]:
    """Turn gravity's direction in the camera's axes to what is up in the same with y up."""
    return -(Y_UP_FROM_CAMERA @ down.astype(np.float32))


def level_from_camera(
    feet_m: Float32[Array, "frames points 3"], up: Float32[Array, "3"]
) -> Float32[Array, "4 4"]:
    """Return the turn that sets `up` upright, and the shift that puts the feet on y = 0 (all with y up)."""
    level = np.eye(4, dtype=np.float32)
    level[:3, :3] = rotmat_between(torch.from_numpy(up), torch.from_numpy(UP)).numpy()
    level[1, 3] = -np.median((feet_m @ up).min(1))
    return level


def _in_whole_numbers(quaternions: Float32[Array, "frames *joints 4"]) -> Int16[Array, "frames *joints 4"]:
    return np.round(QUATERNION_UNIT * quaternions).astype(np.int16)


def _at_origin(motion: Motion) -> Motion:
    return replace(motion, transl_m=np.zeros_like(motion.joints_m[:, 0]))


def _for_every(seen: Array, values: Float[Array, "seen *size"]) -> Float32[Array, "every *size"]:
    """Spread the rows of seen frames over all frames; NaN between."""
    every = np.full((len(seen), *values.shape[1:]), np.nan, np.float32)
    every[seen] = values
    return every
