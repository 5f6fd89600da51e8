"""Where SMPL's 24 joints are in MakeHuman's skeleton, and the twist bones of the artists' rig."""

import numpy as np
from jaxtyping import Float
from tools.open_body.sample import Samples

from tcmr.joints import SMPL_24

JOINT = {name: index for index, name in enumerate(SMPL_24)}

# Bones that the artists' rig has beyond the 24 joints, and the joint at which each begins.
TWIST_BONES = {
    f"{side}_{bone}": f"{side}_{joint}"
    for bone, joint in (("upper_arm", "shoulder"), ("forearm_1", "elbow"), ("forearm_2", "elbow"))
    for side in ("left", "right")
}
RIG = (*SMPL_24, *TWIST_BONES)
RIG_JOINTS = np.array([*range(24), *(JOINT[joint] for joint in TWIST_BONES.values())])


def rest_joints(samples: Samples) -> Float[np.ndarray, "persons 24 3"]:
    """Return the 24 joints of each person in the A-pose."""
    joints = np.zeros((len(samples.vertices_m), 24, 3))
    middle = {
        "pelvis": samples.heads("root"),
        "spine1": samples.heads("spine04"),
        "spine2": samples.heads("spine02"),
        "spine3": 0.6 * samples.heads("spine02") + 0.4 * samples.heads("spine01"),
        "neck": samples.heads("neck01"),
        "head": samples.heads("head"),
    }
    for name, positions in middle.items():
        joints[:, JOINT[name]] = positions
    for side, suffix in (("left", "L"), ("right", "R")):
        for name, positions in _limb_joints(samples, suffix).items():
            joints[:, JOINT[f"{side}_{name}"]] = positions
    return joints


def _limb_joints(samples: Samples, suffix: str) -> dict[str, Float[np.ndarray, "persons 3"]]:
    def head(bone: str) -> np.ndarray:
        return samples.heads(f"{bone}.{suffix}")

    # MakeHuman's thigh begins at the height of the hip joint, but too far outside.
    thigh, lower_thigh = head("upperleg01"), head("upperleg02")
    hip = np.stack([0.85 * lower_thigh[:, 0], thigh[:, 1], (thigh[:, 2] + lower_thigh[:, 2]) / 2], axis=1)
    return {
        "hip": hip,
        "knee": head("lowerleg01"),
        "ankle": head("foot"),
        "foot": (head("toe2-1") + head("toe3-1")) / 2,
        "collar": 0.4 * head("clavicle") + 0.6 * head("shoulder01"),
        "shoulder": head("upperarm01"),
        "elbow": head("lowerarm01"),
        "wrist": head("wrist"),
        "hand": np.mean([head(f"finger{finger}-1") for finger in (2, 3, 4, 5)], axis=0),
    }
