"""Skin weights: from MakeHuman's 104 bones to the rig of 30 and on to the 24 joints."""

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import coo_array
from tools.open_body.sample import Samples
from tools.open_body.skeleton import JOINT, RIG, RIG_JOINTS

_SPINE = {
    "root": "pelvis",
    "pelvis": "pelvis",
    "spine05": "pelvis",
    "spine04": "spine1",
    "spine03": "spine1",
    "spine02": "spine2",
    "spine01": "spine3",
    "neck01": "neck",
    "neck02": "neck",
    "neck03": "head",
    "head": "head",
    "eye": "head",
}
# By the beginning of the bone's name; the first that fits.
_LIMBS = {
    "upperleg": "hip",
    "lowerleg": "knee",
    "foot": "ankle",
    "toe": "foot",
    "clavicle": "collar",
    "shoulder01": "collar",
    "upperarm01": "upper_arm",
    "upperarm02": "shoulder",
    "lowerarm01": "forearm_1",
    "lowerarm02": "forearm_2",
    "wrist": "wrist",
    "metacarpal": "wrist",
    "finger1": "wrist",
    "finger": "hand",
}


def rig_weights(samples: Samples) -> Float[np.ndarray, "vertices 30"]:
    """Return the artists' skin weights, summed over the bones of each rig member."""
    members = np.zeros((len(samples.bones), len(RIG)))
    for row, bone in zip(members, samples.bones, strict=True):
        row[RIG.index(_rig_member(str(bone)))] = 1
    weights = samples.bone_weights.astype(np.float64) @ members
    return weights / weights.sum(axis=1, keepdims=True)


def _rig_member(bone: str) -> str:
    stem, _, suffix = bone.partition(".")
    if stem in _SPINE:
        return _SPINE[stem]
    side = {"L": "left", "R": "right"}[suffix]
    return f"{side}_" + next(member for prefix, member in _LIMBS.items() if stem.startswith(prefix))


def joint_weights(rig: Float[np.ndarray, "vertices 30"]) -> Float[np.ndarray, "vertices 24"]:
    """Fold the twist bones' weights into the 24 joints."""
    fold = np.zeros((len(RIG), 24))
    fold[np.arange(len(RIG)), RIG_JOINTS] = 1
    for side in ("left", "right"):
        row = fold[RIG.index(f"{side}_forearm_2")]
        row[JOINT[f"{side}_elbow"]], row[JOINT[f"{side}_wrist"]] = 0.75, 0.25
    return rig @ fold


def soften_elbows(
    rig: Float[np.ndarray, "vertices 30"], faces: Int[np.ndarray, "faces 3"], passes: int = 6
) -> Float[np.ndarray, "vertices 30"]:
    """Smooth the weights where upper arm and forearm meet: as painted, a bent elbow is too sharp."""
    following = np.roll(faces, -1, axis=1)
    edges = coo_array((np.ones(faces.size), (faces.ravel(), following.ravel())), (len(rig), len(rig))).tocsr()
    mean_of_neighbours = edges.multiply(1 / edges.sum(axis=1)[:, None]).tocsr()
    meeting = sum(
        rig[:, RIG.index(f"{side}_shoulder")] * rig[:, RIG.index(f"{side}_forearm_1")]
        for side in ("left", "right")
    )
    near = np.asarray(meeting) > 1e-4
    for step in range(passes):
        if step % 2 == 0:
            near = near | (mean_of_neighbours @ near.astype(float) > 0)
        rig = np.where(near[:, None], (rig + mean_of_neighbours @ rig) / 2, rig)
    return rig


def strongest(weights: Float[np.ndarray, "vertices 24"], count: int = 4) -> Float[np.ndarray, "vertices 24"]:
    """Keep each vertex's strongest influences, at most `count`, summing to one.

    Ties for the last place all go, so that left and right stay equal on the midline.
    """
    first_dropped = np.sort(weights, axis=1)[:, -count - 1, None]
    kept = np.where(weights > first_dropped + 1e-6, weights, 0)
    return kept / kept.sum(axis=1, keepdims=True)
