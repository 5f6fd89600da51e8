"""BVH skeletons -> SMPL's tree: each joint takes the turn of the bone that it stands for.

Bones that lie otherwise at rest than SMPL's (legs that are spread, arms that hang) are turned over by the smallest
rotation between the two, so that limbs point the same way in the world whatever the rest pose.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float64
from scipy.spatial.transform import Rotation

from tcmr.body.load import load_body
from tcmr.data.sources.bvh import BvhMotion, read_bvh
from tcmr.data.sources.captured import Take, leg_length
from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, SMPL_PARENTS, indices

Array = np.ndarray
# Lengths of a unit in metres: metre, the CMU database's own (0.45 inch to 1), inch, centimetre, millimetre.
UNITS_M = (1.0, 0.0254 / 0.45, 0.0254, 0.01, 0.001)
USUAL_LEG_M = 0.85


@dataclass(frozen=True)
class Naming:
    """One way of naming a skeleton's joints.

    `joints` names for each SMPL joint the joint whose turn it takes (of two: halfway between them), `bones` where
    the bone that is to point the same way begins and ends. `flat` are bones of which only the heading counts, so
    that soles stay on the floor. A `same_tree` has SMPL's own joints, pelvis and all.
    """

    joints: dict[str, tuple[str, ...]]
    bones: dict[str, tuple[str, str]]
    flat: frozenset[str] = frozenset()
    same_tree: bool = False


def _motionbuilder() -> Naming:
    """Return the names of the CMU database's conversions for MotionBuilder, the most common ones."""
    joints = {
        "pelvis": ("Hips",), "spine1": ("LowerBack",), "spine2": ("Spine",), "spine3": ("Spine1",),
        "neck": ("Neck", "Neck1"), "head": ("Head",),
    }  # fmt: skip
    bones = {}
    for side, word in (("left", "Left"), ("right", "Right")):
        chain = {
            "hip": ("UpLeg", "UpLeg", "Leg"), "knee": ("Leg", "Leg", "Foot"), "ankle": ("Foot", "Foot", "ToeBase"),
            "foot": ("ToeBase", "Foot", "ToeBase"), "shoulder": ("Arm", "Arm", "ForeArm"),
            "elbow": ("ForeArm", "ForeArm", "Hand"), "wrist": ("FingerBase", "FingerBase", "HandIndex1"),
            "hand": ("FingerBase", "FingerBase", "HandIndex1"),
        }  # fmt: skip
        joints[f"{side}_collar"] = (f"{word}Shoulder",)
        for part, (joint, start, end) in chain.items():
            joints[f"{side}_{part}"] = (word + joint,)
            bones[f"{side}_{part}"] = (word + start, word + end)
    flat = frozenset({"left_ankle", "right_ankle", "left_foot", "right_foot"})
    return Naming(joints, bones, flat)


NAMINGS = (_motionbuilder(), Naming({name: (name,) for name in SMPL_24}, {}, same_tree=True))
# The SMPL bones that stand for a joint's direction; feet's is the ankle's, hands' the wrist's.
BONE_ENDS = {
    "hip": "knee",
    "knee": "ankle",
    "ankle": "foot",
    "shoulder": "elbow",
    "elbow": "wrist",
    "wrist": "hand",
}
STANDS_FOR = {"foot": "ankle", "hand": "wrist"}


def read_take(path: Path, name: str, subject: str) -> Take:
    """Read a BVH file as motion of SMPL's tree, y up.

    Raises:
        TcmrError: the file cannot be read, or its joints have names that are not known.
    """
    return retargeted(read_bvh(path), name, subject)


def retargeted(motion: BvhMotion, name: str, subject: str) -> Take:
    """Turn a BVH motion into one of SMPL's tree."""
    naming = _naming_of(motion)
    place = {joint: index for index, joint in enumerate(motion.names)}
    rest, target = motion.rest(), load_body("open").joint_template_m.double().numpy()
    turns, places = motion.posed()
    world = np.empty((len(turns), len(SMPL_24), 3, 3))
    for index, joint in enumerate(SMPL_24):
        world[:, index] = _halfway([turns[:, place[source]] for source in naming.joints[joint]])
        if joint in naming.bones:
            start, end = (rest[place[each]] for each in naming.bones[joint])
            world[:, index] @= _smallest_turn(_target_bone(joint, target), end - start, joint in naming.flat)
    hips, knees, ankles = (
        [place[naming.joints[f"{side}_{part}"][0]] for side in ("left", "right")]
        for part in ("hip", "knee", "ankle")
    )
    leg = float(
        np.mean(np.linalg.norm(rest[knees] - rest[hips], axis=1))
        + np.mean(np.linalg.norm(rest[ankles] - rest[knees], axis=1))
    )
    unit_m = min(UNITS_M, key=lambda unit: abs(np.log(leg * unit / USUAL_LEG_M)))
    pelvis = places[:, place[naming.joints["pelvis"][0]]] * unit_m
    if not naming.same_tree:
        between_hips = target[indices(SMPL_24, ["left_hip", "right_hip"])].mean(0) - target[0]
        scaled = between_hips * leg * unit_m / leg_length(target)
        pelvis = places[:, hips].mean(1) * unit_m - world[:, 0] @ scaled
    local = world.copy()
    for index, parent in enumerate(SMPL_PARENTS[1:], start=1):
        local[:, index] = np.swapaxes(world[:, parent], -1, -2) @ world[:, index]
    rotmat = torch.from_numpy(local).float()
    return Take(name, subject, rotmat, pelvis.astype(np.float32), leg * unit_m, motion.fps)


def _naming_of(motion: BvhMotion) -> Naming:
    have = set(motion.names)
    lacks = [
        {joint for joints in naming.joints.values() for joint in joints}.union(*naming.bones.values()) - have
        for naming in NAMINGS
    ]
    best = min(range(len(NAMINGS)), key=lambda number: len(lacks[number]))
    if lacks[best]:
        raise TcmrError(
            f"{motion.path}: the joints have names that are not known; nearest to the "
            f"{'SMPL tree' if NAMINGS[best].same_tree else 'CMU conversions for MotionBuilder'}, it lacks "
            f"{', '.join(sorted(lacks[best]))}"
        )
    return NAMINGS[best]


def _target_bone(joint: str, target: Float64[Array, "24 3"]) -> Float64[Array, "3"]:
    """Return how the bone that a joint moves lies on SMPL's tree at rest."""
    side, _, part = joint.partition("_")
    part = STANDS_FOR.get(part, part)
    start, end = indices(SMPL_24, [f"{side}_{part}", f"{side}_{BONE_ENDS[part]}"])
    return np.asarray(target[end] - target[start])


def _smallest_turn(start: Float64[Array, "3"], end: Float64[Array, "3"], flat: bool) -> Float64[Array, "3 3"]:
    """Return the smallest rotation from one direction to another; `flat`: about the vertical."""
    level = np.array([1.0, 0.0, 1.0]) if flat else np.ones(3)
    start, end = (vector * level / np.linalg.norm(vector * level) for vector in (start, end))
    axis = np.cross(start, end)
    sine = np.linalg.norm(axis)
    if sine < 1e-9:
        return np.eye(3)
    return Rotation.from_rotvec(axis / sine * np.arctan2(sine, start @ end)).as_matrix()


def _halfway(rotations: list[Float64[Array, "frames 3 3"]]) -> Float64[Array, "frames 3 3"]:
    """Return a rotation, or the one halfway between two."""
    if len(rotations) == 1:
        return rotations[0]
    first, second = (Rotation.from_matrix(each) for each in rotations)
    return np.asarray((first * Rotation.from_rotvec(0.5 * (first.inv() * second).as_rotvec())).as_matrix())
