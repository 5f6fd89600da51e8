"""Left and right: which vertices and joints mirror each other across the plane x = 0."""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.spatial import cKDTree
from tools.open_body.sample import Samples

from tcmr.joints import SMPL_24, mirrored

JOINT_PAIRS = np.array(mirrored(SMPL_24))
REFLECTION = np.array([-1.0, 1.0, 1.0])


def vertex_pairs(points: Float[np.ndarray, "vertices 3"]) -> Int[np.ndarray, " vertices"]:
    """Return each vertex's mirror image (itself on the midline).

    Raises:
        ValueError: the mesh is not symmetric within 0.1 mm.
    """
    distances, pairs = map(np.asarray, cKDTree(points).query(points * REFLECTION))
    if distances.max() > 1e-4 or not np.array_equal(pairs[pairs], np.arange(len(points))):
        raise ValueError(f"the mesh is not symmetric: {distances.max() * 1e3:.2f} mm between sides")
    return pairs


def symmetrised(
    points: Float[np.ndarray, "*batch points 3"], pairs: Int[np.ndarray, " points"]
) -> Float[np.ndarray, "*batch points 3"]:
    """Average each point with the mirror image of its partner."""
    return (points + points[..., pairs, :] * REFLECTION) / 2


def symmetric_samples(samples: Samples, pairs: Int[np.ndarray, " vertices"]) -> Samples:
    """Make each person's mesh and bones exactly symmetric (MakeHuman's differ by up to 1 mm and 9 mm)."""
    bones = [str(bone) for bone in samples.bones]
    swap = {".L": ".R", ".R": ".L"}
    bone_pairs = np.array([bones.index(bone[:-2] + swap.get(bone[-2:], bone[-2:])) for bone in bones])
    return replace(
        samples,
        vertices_m=symmetrised(samples.vertices_m.astype(np.float64), pairs),
        bone_heads_m=symmetrised(samples.bone_heads_m.astype(np.float64), bone_pairs),
    )


def mirrored_pose_dirs(
    pose_dirs: Float[np.ndarray, "vertices 3 207"], pairs: Int[np.ndarray, " vertices"]
) -> Float[np.ndarray, "vertices 3 207"]:
    """Return the pose blend shapes that answer a mirrored pose with the mirrored displacement."""
    by_entry = pose_dirs.reshape(-1, 3, 23, 3, 3)[pairs][:, :, JOINT_PAIRS[1:] - 1]
    signs = np.einsum("c,a,b->cab", REFLECTION, REFLECTION, REFLECTION)[:, None]
    return (by_entry * signs).reshape(pose_dirs.shape)


def is_left_or_middle(
    points: Float[np.ndarray, "vertices 3"], pairs: Int[np.ndarray, " vertices"]
) -> Bool[np.ndarray, " vertices"]:
    """Tell the vertices of the left half (x > 0) and the midline."""
    return (points[:, 0] > 0) | (pairs == np.arange(len(points)))
