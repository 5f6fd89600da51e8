"""Which way is down: people stand along it, and their feet move on a plane across it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32

from tcmr.joints import SMPL_24, indices
from tcmr.rotations import rotmat_between
from tcmr.types import Motion
from tcmr.world.axes import turned
from tcmr.world.feet import STANDING_SPEED_M_S, speeds_m_s
from tcmr.world.path import huber_weights

Array = np.ndarray

DOWN = np.array([0.0, 1.0, 0.0])  # of a camera that is held level
STRETCHED = 0.9  # of the longest: somebody of this length from ankles to neck stands upright ...
LYING_RAD = np.deg2rad(70)  # ... who is not this far from the picture's own down, as one who lies
LEAN_RAD = np.deg2rad(5)  # how far standing people lean
FLOOR_ERROR_M = 0.05  # how far a standing foot seems to be off the floor ...
ERROR_LASTS_S = 1.0  # ... and for how long by the same
ROUNDS = 5
ANKLES, NECK = indices(SMPL_24, ("left_ankle", "right_ankle")), indices(SMPL_24, "neck")[0]


def in_each_shot(
    find: Callable[..., Float[Array, "3"]], motions: Sequence[Motion], *others: Sequence[Any]
) -> list[Float[Array, "3"]]:
    """Return for each motion what is found from all motions of its shot, and from the others' items beside them."""
    found = {}
    for shot in {motion.shot for motion in motions}:
        rows = [row for row, motion in enumerate(motions) if motion.shot == shot]
        found[shot] = find(*([items[row] for row in rows] for items in (motions, *others)))
    return [found[motion.shot] for motion in motions]


def find_down(motions: Sequence[Motion], feet_m: Sequence[Float32[Array, "_ 4 3"]]) -> Float[Array, "3"]:
    """Return the direction of gravity, of people of one shot and in the axes of a camera that does not turn.

    Least squares of two sightings: the direction in which people stand, and the plane on which their feet
    stand (each person at a height of their own, because sizes are estimated).
    """
    leaning = standing_direction(motions)
    level, trust = [np.zeros((0, 3))], [np.zeros(0)]
    for motion, feet in zip(motions, feet_m, strict=True):
        points = lowest_points(motion, feet, leaning)
        if len(points):
            level.append(points - np.median(points, 0))
            trust.append(np.full(len(points), 1 / (motion.fps * ERROR_LASTS_S * FLOOR_ERROR_M**2)))
    points, known = np.concatenate(level), np.concatenate(trust)
    down, across = leaning, np.linalg.svd(leaning[None])[2][1:]
    for _ in range(ROUNDS):
        weighted = (points @ across.T) * (known * huber_weights(points @ down))[:, None]
        normal = weighted.T @ (points @ across.T) + np.eye(2) / LEAN_RAD**2
        down = leaning - np.linalg.solve(normal, weighted.T @ (points @ leaning)) @ across
    return down / np.linalg.norm(down)


def standing_direction(motions: Sequence[Motion]) -> Float[Array, "3"]:
    """Return the direction from neck to ankles of those who stand upright."""
    directions = [DOWN[None]]  # for when nobody does
    for motion in motions:
        spans = motion.joints_m[:, ANKLES].mean(1) - motion.joints_m[:, NECK]
        lengths = np.linalg.norm(spans, axis=1)
        upright = (lengths > STRETCHED * lengths.max()) & (spans @ DOWN > np.cos(LYING_RAD) * lengths)
        directions.append(spans[upright] / lengths[upright, None])
    middle = np.median(np.concatenate(directions), 0)
    return middle / np.linalg.norm(middle)


def lowest_points(
    motion: Motion, feet_m: Float32[Array, "frames 4 3"], down: Float[Array, "3"]
) -> Float[Array, "standing 3"]:
    """Return each frame's lowest point of the feet, where it stands still."""
    lowest = np.argmax(feet_m @ down, 1)
    rows = np.arange(len(motion))
    slow = speeds_m_s(feet_m, motion.frames, motion.fps)[rows, lowest] < STANDING_SPEED_M_S
    return feet_m[rows, lowest][slow].astype(np.float64)


def levelled(motion: Motion, down: Float[Array, "3"]) -> Motion:
    """Turn a motion to axes whose y points down along gravity, by the smallest rotation."""
    turn = rotmat_between(torch.from_numpy(down), torch.from_numpy(DOWN)).float().numpy()
    return turned(motion, turn)
