"""Vertices of face, feet and hands, put at SMPL's own vertex numbers, and the regressors made with them."""

import numpy as np
from jaxtyping import Bool, Float, Int
from tools.open_body.sample import Samples
from tools.open_body.skeleton import JOINT

from tcmr.joints import H36M_17, SMPL_VERTEX_JOINTS, SPIN_EXTRA_9

_FINGERS = ("thumb", "index", "middle", "ring", "pinky")


def find_landmarks(
    template: Float[np.ndarray, "vertices 3"],
    joints: Float[np.ndarray, "24 3"],
    weights: Float[np.ndarray, "vertices 24"],
    fingertips: dict[str, int],
    left_eye: Float[np.ndarray, "3"],
    pairs: Int[np.ndarray, " vertices"],
) -> dict[str, int]:
    """Return the vertex of each of SMPL's vertex joints; those of the right side mirror the left ones."""
    x, y, z = template.T
    on_head = weights[:, JOINT["head"]] > 0.5
    face = on_head & (y > joints[JOINT["head"], 1])
    foot = weights[:, JOINT["left_foot"]] + weights[:, JOINT["left_ankle"]] > 0.5
    foot_x, _, foot_z = joints[JOINT["left_foot"]]
    from_eye = np.linalg.norm(template[:, :2] - left_eye[:2], axis=1)
    left = {
        "eye": _best(z - 8 * from_eye, on_head & (from_eye < 0.02)),
        "ear": _best(x, face),
        "big_toe": _best(z, foot & (x < foot_x)),
        "small_toe": _best(0.6 * z + x, foot & (z > foot_z)),
        "heel": _best(-z - 0.6 * y, foot),
        **fingertips,
    }
    found = {"nose": _best(z, face & (pairs == np.arange(len(pairs))))}
    found |= {f"left_{name}": vertex for name, vertex in left.items()}
    found |= {f"right_{name}": int(pairs[vertex]) for name, vertex in left.items()}
    return {name: found[name] for name in SMPL_VERTEX_JOINTS}


def find_left_fingertips(samples: Samples, vertex_ids: Int[np.ndarray, " vertices"]) -> dict[str, int]:
    """Return the outermost vertex of each left finger along its last bone, in the A-pose."""
    mean = samples.vertices_m[:, vertex_ids].mean(axis=0)
    tips = {}
    for number, name in enumerate(_FINGERS, start=1):
        start = samples.heads(f"finger{number}-2.L").mean(axis=0)
        end = samples.heads(f"finger{number}-3.L").mean(axis=0)
        last_bone = int(np.flatnonzero(samples.bones == f"finger{number}-3.L")[0])
        on_finger = samples.bone_weights[vertex_ids, last_bone] > 0.5
        tips[name] = _best((mean - end) @ (end - start), on_finger)
    return tips


def _best(score: Float[np.ndarray, " vertices"], allowed: Bool[np.ndarray, " vertices"]) -> int:
    return int(np.argmax(np.where(allowed, score, -np.inf)))


def numbering(landmarks: dict[str, int], vertex_count: int) -> Int[np.ndarray, " vertices"]:
    """Return, for each new vertex number, the old one, such that the landmarks get SMPL's numbers."""
    order = np.arange(vertex_count)
    for name, number in SMPL_VERTEX_JOINTS.items():
        at = int(np.flatnonzero(order == landmarks[name])[0])
        order[[number, at]] = order[[at, number]]
    return order


def own_regressors(
    template: Float[np.ndarray, "vertices 3"],
    weights: Float[np.ndarray, "vertices 24"],
    joint_regressor: Float[np.ndarray, "24 vertices"],
) -> dict[str, Float[np.ndarray, "joints vertices"]]:
    """Return this body's counterparts of J_regressor_extra and J_regressor_h36m."""
    rows = {name: joint_regressor[index] for name, index in JOINT.items()}
    x, y, z = template.T
    nose = SMPL_VERTEX_JOINTS["nose"]
    on_head = weights[:, JOINT["head"]] > 0.5
    in_middle = np.abs(x) < 1e-6
    head_top = _pick(_best(y, on_head & in_middle), len(x))
    chin = _pick(_best(-y, on_head & in_middle & (z > z[nose] - 0.045)), len(x))
    hips = (rows["left_hip"] + rows["right_hip"]) / 2
    waist = (rows["spine1"] + rows["spine2"]) / 2

    extra = {
        "right_hip_lsp": rows["right_hip"],
        "left_hip_lsp": rows["left_hip"],
        "neck_lsp": rows["neck"],
        "head_top_lsp": head_top,
        "pelvis_mpii": hips,
        "thorax_mpii": 0.6 * rows["neck"] + 0.4 * rows["spine3"],
        "spine_h36m": waist,
        "jaw_h36m": (chin + rows["head"]) / 2,
        "head_h36m": (head_top + rows["head"]) / 2,
    }
    h36m = rows | {
        "pelvis": hips,
        "spine": waist,
        "thorax": 0.7 * rows["neck"] + 0.3 * rows["spine3"],
        "nose": _pick(nose, len(x)),
        "head": head_top,
    }
    return {
        "J_regressor_extra": np.stack([extra[name] for name in SPIN_EXTRA_9]),
        "J_regressor_h36m": np.stack([h36m[name] for name in H36M_17]),
    }


def _pick(vertex: int, vertex_count: int) -> Float[np.ndarray, " vertices"]:
    return np.eye(1, vertex_count, vertex)[0]
