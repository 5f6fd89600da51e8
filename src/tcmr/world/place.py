"""From the camera's frame to the ground, in steps that each include the ones before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from tcmr.body import BodyModel
from tcmr.body.own_body import own_body
from tcmr.requirements import require_one_of
from tcmr.types import Motion
from tcmr.world.axes import path_of
from tcmr.world.feet import foot_points_m, standing
from tcmr.world.gravity import DOWN, find_down, in_each_shot, levelled
from tcmr.world.hold import held_path, stands_through, stepped
from tcmr.world.path import differences, smooth_path

Array = np.ndarray
Placing = Literal["camera", "smooth", "level", "ground"]


@dataclass(frozen=True)
class FeetReport:
    """What holding the feet of one person did; the pose is not touched.

    Slide is how far a standing point moves in a frame, float how far it is above or below the floor: means over
    standing points, as smoothed and levelled, and as held. `tilt_deg` is the camera's.
    """

    person: int
    tilt_deg: float
    standing_share: float
    slide_mm_before: float
    slide_mm_after: float
    float_mm_before: float
    float_mm_after: float
    moved_mm: float

    def __str__(self) -> str:
        if not self.standing_share:
            return f"person {self.person}: no foot stands still; moved onto the floor only"
        return (
            f"person {self.person}: camera tilted by {self.tilt_deg:.0f} degrees; feet slide "
            f"{self.slide_mm_before:.1f} -> {self.slide_mm_after:.1f} mm a frame, float "
            f"{self.float_mm_before:.0f} -> {self.float_mm_after:.0f} mm; body moved by "
            f"{self.moved_mm:.0f} mm, pose untouched"
        )


@dataclass(frozen=True)
class Placed:
    """Motions in their new place, and for each what was done to the feet, if they were held."""

    motions: list[Motion]
    reports: list[FeetReport]


def place(
    motions: Sequence[Motion], how: Placing = "ground", body: str | Path | BodyModel = "open"
) -> Placed:
    """Place the persons of one clip, shot by shot, for a camera that stays where it is.

    "camera": as estimated. "smooth": in the axes that the camera had in the first frame of the shot, if it turned, and
    their paths smoothed. "level": also turned so that y points down along gravity, the floor at y = 0 under each.
    "ground": also moved so that standing feet neither slide nor float.

    Raises:
        TcmrError: there is no such way, or a motion has no place in the camera frame, or is of another body.
    """
    require_one_of("how", how, Placing)
    body = own_body(motions, body).to("cpu")  # where the motions' numbers are
    if how == "camera":
        return Placed(list(motions), [])
    smooth = [smooth_path(motion) for motion in motions]
    if how == "smooth":
        return Placed(smooth, [])
    downs = in_each_shot(find_down, smooth, [foot_points_m(motion, body) for motion in smooth])
    level = [levelled(motion, down) for motion, down in zip(smooth, downs, strict=True)]
    on_floor = [lowered(motion, floor_y_m(motion, body)) for motion in level]
    if how == "level":
        return Placed(on_floor, [])
    held = [
        hold_feet(motion, path_of(from_camera), body, tilt_deg(down))
        for motion, from_camera, down in zip(on_floor, level, downs, strict=True)
    ]
    return Placed([motion for motion, _ in held], [report for _, report in held])


def tilt_deg(down: Float[Array, "3"]) -> float:
    """Return by how much the camera is tilted that sees gravity in this direction."""
    return float(np.rad2deg(np.arccos(np.clip(down @ DOWN, -1, 1))))


def floor_y_m(motion: Motion, body: BodyModel) -> float:
    """Return where the floor is under a levelled motion: the middle of each frame's lowest point."""
    return float(np.median(foot_points_m(motion, body)[..., 1].max(1)))


def lowered(motion: Motion, y_m: float) -> Motion:
    """Move a motion so that y = `y_m` becomes y = 0."""
    return replace(motion, transl_m=path_of(motion) - np.array([0, y_m, 0], np.float32))


def hold_feet(
    motion: Motion, sights: Float[Array, "frames 3"], body: BodyModel, camera_tilt_deg: float
) -> tuple[Motion, FeetReport]:
    """Hold the standing feet of a levelled motion with the floor at y = 0; `sights` are from the camera."""
    feet_m = foot_points_m(motion, body).astype(np.float64)
    path_m = path_of(motion).astype(np.float64)
    stands = standing(feet_m, -feet_m[..., 1], motion.frames, motion.fps)
    held_m = held_path(path_m, sights.astype(np.float64), feet_m, stands, motion.frames, motion.fps)
    moved_m = held_m - path_m
    slide_before, float_before = slide_and_float_mm(feet_m, stands, motion)
    slide_after, float_after = slide_and_float_mm(feet_m + moved_m[:, None], stands, motion)
    report = FeetReport(
        person=motion.person,
        tilt_deg=camera_tilt_deg,
        standing_share=float(stands.any(1).mean()),
        slide_mm_before=slide_before,
        slide_mm_after=slide_after,
        float_mm_before=float_before,
        float_mm_after=float_after,
        moved_mm=1e3 * float(np.linalg.norm(moved_m, axis=1).mean()),
    )
    return replace(motion, transl_m=held_m.astype(np.float32)), report


def slide_and_float_mm(
    feet_m: Float[Array, "frames points 3"], stands: Bool[Array, "frames points"], motion: Motion
) -> tuple[float, float]:
    """Return how far standing points move along the floor in a frame, and how far they are off it: means."""
    steps = differences(motion.frames, 1)
    slide_m = np.linalg.norm(stepped(steps, feet_m[..., [0, 2]]), axis=-1)
    float_m = np.abs(feet_m[..., 1])
    return _mean_mm(slide_m[stands_through(stands, steps)]), _mean_mm(float_m[stands])


def _mean_mm(lengths_m: Float[Array, " lengths"]) -> float:
    return 1e3 * float(lengths_m.mean()) if len(lengths_m) else 0.0
