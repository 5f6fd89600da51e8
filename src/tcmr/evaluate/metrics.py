"""Error measures of 3D human motion: metres in, millimetres out, one number a frame.

Arrays are [..., frames, joints, 3]. Means are left to the caller, who knows what to pool: the published
tables average over frames, not over videos.
"""

import math
from collections.abc import Sequence

import numpy as np
import roma
import torch
from jaxtyping import Bool, Float

from tcmr.joints import LIMBS_12, indices

Array = np.ndarray

MM_PER_M = 1000.0


def root_relative(
    joints_m: Float[Array, "*batch frames joints 3"],
    joint_set: Sequence[str] = LIMBS_12,
    root: Sequence[str] = ("left_hip", "right_hip"),
) -> Float[Array, "*batch frames joints 3"]:
    """Move the root, the mean of some joints, to the origin: the middle of the hips.

    Source: the released code's evaluation, which centres on the mean of the two hips, for MPI-INF-3DHP on the pelvis.

    >>> hips = np.array([[[1.0, 0, 0], [3.0, 0, 0]]])
    >>> root_relative(hips, ("left_hip", "right_hip")).tolist()
    [[[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]]
    """
    return joints_m - joints_m[..., indices(joint_set, root), :].mean(-2, keepdims=True)


def mpjpe(
    predicted_m: Float[Array, "*batch frames joints 3"], true_m: Float[Array, "*batch frames joints 3"]
) -> Float[Array, "*batch frames"]:
    """Measure the mean per-joint position error, mm. Make both root-relative first.

    Source: Ionescu et al., "Human3.6M", TPAMI 2014.

    >>> true = np.zeros((1, 2, 3))
    >>> mpjpe(true + [0.003, 0.004, 0], true).tolist()
    [5.0]
    """
    return _length(predicted_m - true_m).mean(-1) * MM_PER_M


def similarity_aligned(
    predicted_m: Float[Array, "*batch frames joints 3"], true_m: Float[Array, "*batch frames joints 3"]
) -> Float[Array, "*batch frames joints 3"]:
    """Scale, turn and move each frame's joints to lie closest to the true ones; never mirror them.

    Source: Umeyama, "Least-squares estimation of transformation parameters", TPAMI 1991.

    >>> true = np.eye(3)[None]
    >>> bool(np.allclose(similarity_aligned(2 * true + 1, true), true))
    True
    """
    predicted, true = (torch.tensor(joints_m, dtype=torch.float64) for joints_m in (predicted_m, true_m))
    rotation, translation, scale = roma.rigid_points_registration(predicted, true, compute_scaling=True)
    aligned = scale[..., None, None] * predicted @ rotation.mT + translation[..., None, :]
    return aligned.numpy()


def pa_mpjpe(
    predicted_m: Float[Array, "*batch frames joints 3"], true_m: Float[Array, "*batch frames joints 3"]
) -> Float[Array, "*batch frames"]:
    """Measure the MPJPE after aligning each frame by a similarity (Procrustes), mm.

    Source: Bogo et al., "Keep it SMPL", ECCV 2016.

    >>> true = np.eye(3)[None]
    >>> pa_mpjpe(2 * true + 1, true).round(6).tolist()
    [0.0]
    """
    return mpjpe(similarity_aligned(predicted_m, true_m), true_m)


def mpvpe(
    predicted_m: Float[Array, "*batch frames vertices 3"], true_m: Float[Array, "*batch frames vertices 3"]
) -> Float[Array, "*batch frames"]:
    """Measure the mean per-vertex position error (PVE, MPVPE), mm.

    Source: Pavlakos et al., "Learning to estimate 3D human pose and shape", CVPR 2018.

    >>> mpvpe(np.zeros((2, 5, 3)), np.full((2, 5, 3), [0, 0.002, 0])).tolist()
    [2.0, 2.0]
    """
    return mpjpe(predicted_m, true_m)


def speed(joints_m: Float[Array, "*batch frames joints 3"]) -> Float[Array, "*batch frames-1"]:
    """Measure the joints' mean speed, mm a frame.

    Source: definition, by the first difference.

    >>> speed(np.array([[[0.0, 0, 0]], [[0.001, 0, 0]], [[0.003, 0, 0]]])).tolist()
    [1.0, 2.0]
    """
    return _length(np.diff(joints_m, axis=-3)).mean(-1) * MM_PER_M


def acceleration(joints_m: Float[Array, "*batch frames joints 3"]) -> Float[Array, "*batch frames-2"]:
    """Measure the joints' mean acceleration, mm/frame^2.

    Source: second difference, as Kanazawa et al., "Learning 3D human dynamics from video", CVPR 2019.

    >>> acceleration(np.array([[[0.0, 0, 0]], [[0.001, 0, 0]], [[0.003, 0, 0]]])).tolist()
    [1.0]
    """
    return _length(np.diff(joints_m, n=2, axis=-3)).mean(-1) * MM_PER_M


def acceleration_error(
    predicted_m: Float[Array, "*batch frames joints 3"], true_m: Float[Array, "*batch frames joints 3"]
) -> Float[Array, "*batch frames-2"]:
    """Measure the mean length of the difference of the joints' accelerations (Accel), mm/frame^2.

    Source: Kanazawa et al., "Learning 3D human dynamics from video", CVPR 2019.

    >>> still = np.zeros((3, 1, 3))
    >>> acceleration_error(np.array([[[0.0, 0, 0]], [[0.001, 0, 0]], [[0.0, 0, 0]]]), still).tolist()
    [2.0]
    """
    return acceleration(predicted_m - true_m)


def accelerations_seen(seen: Bool[Array, "*batch frames"]) -> Bool[Array, "*batch frames-2"]:
    """Tell which accelerations rest on three frames that are all seen.

    Source: the released code's acceleration error with visibility.

    >>> accelerations_seen(np.array([True, True, True, False, True])).tolist()
    [True, False, False]
    """
    return seen[..., :-2] & seen[..., 1:-1] & seen[..., 2:]


def acceleration_si(acceleration_mm: Float[Array, "*shape"], fps: float) -> Float[Array, "*shape"]:
    """Convert mm/frame^2 to m/s^2, the unit that does not depend on the frame rate.

    Source: definition.

    >>> acceleration_si(np.array([10.0]), fps=30.0).tolist()
    [9.0]
    """
    return acceleration_mm * (fps**2 / MM_PER_M)


def kept(predicted: Float[Array, "*shape"], true: Float[Array, "*shape"]) -> float:
    """Divide the mean predicted speed (or acceleration) by the mean true one: 1 keeps the motion, 0 is still.

    A low acceleration error alone proves nothing: any strong low-pass gives it. This says at what price.
    Source: definition.

    >>> kept(np.array([1.0, 1.0]), np.array([1.0, 3.0]))
    0.5
    """
    return float(predicted.mean() / true.mean())


def velocity_followed(
    predicted_m: Float[Array, "*batch frames joints 3"], true_m: Float[Array, "*batch frames joints 3"]
) -> tuple[float, float]:
    """Measure how much of the true velocity is in the predicted one: (along the true one, all), to be divided.

    The two are sums, so that clips can be pooled. Their quotient is the slope of the predicted velocity over
    the true one: trembling, which raises the speed, does not raise it; damping and lag lower it.
    Source: definition, by the first difference; regression through the origin.

    >>> true = np.array([[[0.0, 0, 0]], [[0.001, 0, 0]], [[0.003, 0, 0]]])
    >>> along, all = velocity_followed(0.8 * true + [[[0, 0.001, 0]], [[0, 0, 0]], [[0, 0.002, 0]]], true)
    >>> round(along / all, 6)
    0.8
    """
    predicted, true = np.diff(predicted_m, axis=-3), np.diff(true_m, axis=-3)
    return float((predicted * true).sum()), float((true * true).sum())


def worst(errors: Float[Array, " frames"], share: float = 0.05) -> float:
    """Average the errors of the worst frames: the largest `share` of them, at least one.

    A mean hides short failures; this is what a viewer remembers.
    Source: definition (expected shortfall).

    >>> worst(np.arange(40.0))
    38.5
    """
    count = max(1, math.ceil(share * len(errors)))
    return float(np.sort(errors)[-count:].mean())


def _length(vectors: Array) -> Array:
    return np.linalg.norm(vectors, axis=-1)
