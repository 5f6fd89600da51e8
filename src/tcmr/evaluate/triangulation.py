"""Where several calibrated cameras together see a person's limbs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import torch
from jaxtyping import Float

from tcmr.evaluate.calibration import CalibratedCamera
from tcmr.joints import LIMBS_IN_BLAZEPOSE
from tcmr.types import Track

Array = np.ndarray

ROUNDS = 10
NEAR_PX = 30.0  # views that miss the others by more count less
LEAST_WEIGHT = 0.05


def persons_in_all(
    cameras: Sequence[CalibratedCamera], views: Sequence[Sequence[Track]]
) -> Iterator[tuple[Float[Array, "frames 12 3"], float]]:
    """Yield whoever all views see: limbs in the world and the mean error in pixels, the surest first."""
    choices = product(*(range(len(tracks)) for tracks in views))
    seen = {
        choice: Seen.of([view[number] for view, number in zip(views, choice, strict=True)])
        for choice in choices
    }
    missed_px = {choice: float(meeting(cameras, of_choice)[1].mean()) for choice, of_choice in seen.items()}
    taken: list[tuple[int, ...]] = []
    for choice in sorted(missed_px, key=lambda choice: missed_px[choice]):
        if not any(one == other for before in taken for one, other in zip(choice, before, strict=True)):
            taken.append(choice)
            yield triangulated(cameras, seen[choice])


@dataclass(frozen=True)
class Seen:
    """What views saw of a person's limbs."""

    xy_px: Float[Array, "views frames 12 2"]
    weight: Float[Array, "views frames 12"]

    @staticmethod
    def of(tracks: Sequence[Track]) -> "Seen":
        """Take the limbs of one track for each view."""
        xy_px = np.stack([track.xy_px[:, LIMBS_IN_BLAZEPOSE] for track in tracks])
        weight = np.maximum([track.visibility[:, LIMBS_IN_BLAZEPOSE] for track in tracks], LEAST_WEIGHT)
        return Seen(xy_px, weight)


def triangulated(
    cameras: Sequence[CalibratedCamera], seen: Seen
) -> tuple[Float[Array, "frames 12 3"], float]:
    """Return where limbs are in the world and the mean error in pixels; views that do not agree count less."""
    points_m, errors_px = meeting(cameras, seen)
    for _ in range(ROUNDS):
        doubted = seen.weight / np.hypot(1, errors_px / NEAR_PX)
        points_m, errors_px = meeting(cameras, replace(seen, weight=doubted))
    return points_m, float(np.average(errors_px, weights=doubted))


def meeting(
    cameras: Sequence[CalibratedCamera], seen: Seen
) -> tuple[Float[Array, "frames 12 3"], Float[Array, "views frames 12"]]:
    """Return the points nearest to all views' rays, and by how many pixels each view misses them."""
    rows, errors_px = [], []
    for camera, xy_px, weight in zip(cameras, seen.xy_px, seen.weight, strict=True):
        projection = np.column_stack([camera.rotation, -camera.rotation @ camera.position_m])
        ray = (xy_px - np.array(camera.pinhole.center_xy_px)) / camera.pinhole.focal_px
        rows += [
            weight[..., None] * (ray[..., axis, None] * projection[2] - projection[axis]) for axis in (0, 1)
        ]
    homogeneous = np.linalg.svd(np.stack(rows, -2))[2][..., -1, :]
    points_m = homogeneous[..., :3] / homogeneous[..., 3:]
    for camera, xy_px in zip(cameras, seen.xy_px, strict=True):
        projected_px = camera.pinhole.project(torch.from_numpy(camera.from_world(points_m))).numpy()
        errors_px.append(np.linalg.norm(projected_px - xy_px, axis=-1))
    return points_m, np.array(errors_px)
