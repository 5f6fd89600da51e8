"""Named joint sets and the maps between them: the only place that knows an index.

Every set is a tuple of names; an index is asked for by name (`indices(SMPL_24, "left_hip")`).
Names: side first, lower case, as in SMPL.
"""

from collections.abc import Iterable, Sequence

JointSet = tuple[str, ...]

SMPL_24: JointSet = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle",
    "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_hand", "right_hand",
)  # fmt: skip

SMPL_PARENTS: tuple[int, ...] = (
    -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21,
)  # fmt: skip

# Joints whose parents are all in an earlier level: what forward kinematics can do in one step.
SMPL_LEVELS: tuple[tuple[int, ...], ...] = (
    (0,), (1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11, 12, 13, 14), (15, 16, 17), (18, 19), (20, 21), (22, 23),
)  # fmt: skip

# All of SMPL's but the hands: the joints that SMPL-H and SMPL-X begin with.
SMPL_BODY_22: JointSet = SMPL_24[:22]

_FINGERS: JointSet = tuple(
    f"{finger}{joint}" for finger in ("index", "middle", "pinky", "ring", "thumb") for joint in (1, 2, 3)
)
_HANDS: JointSet = tuple(f"{side}_{finger}" for side in ("left", "right") for finger in _FINGERS)
SMPLH_52: JointSet = SMPL_BODY_22 + _HANDS
SMPLX_55: JointSet = (*SMPL_BODY_22, "jaw", "left_eye", "right_eye", *_HANDS)

# Vertices of SMPL's topology that stand for points of the face, feet and hands (order of the 54-joint list).
SMPL_VERTEX_JOINTS: dict[str, int] = {
    "nose": 332, "right_eye": 6260, "left_eye": 2800, "right_ear": 4071, "left_ear": 583,
    "left_big_toe": 3216, "left_small_toe": 3226, "left_heel": 3387,
    "right_big_toe": 6617, "right_small_toe": 6624, "right_heel": 6787,
    "left_thumb": 2746, "left_index": 2319, "left_middle": 2445, "left_ring": 2556, "left_pinky": 2673,
    "right_thumb": 6191, "right_index": 5782, "right_middle": 5905, "right_ring": 6016, "right_pinky": 6133,
}  # fmt: skip

# Rows of J_regressor_extra.npy, in order.
SPIN_EXTRA_9: JointSet = (
    "right_hip_lsp", "left_hip_lsp", "neck_lsp", "head_top_lsp", "pelvis_mpii", "thorax_mpii",
    "spine_h36m", "jaw_h36m", "head_h36m",
)  # fmt: skip

# Everything the body gives before selection: 24 joints, 21 vertices, 9 regressed.
BODY_54: JointSet = SMPL_24 + tuple(SMPL_VERTEX_JOINTS) + SPIN_EXTRA_9

# SPIN's 49 joints, each by the name of the BODY_54 joint it is. Paper: supervision of 2D and 3D joints.
SPIN_49: JointSet = (
    # OpenPose's 25
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist", "pelvis", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear", "left_big_toe", "left_small_toe", "left_heel",
    "right_big_toe", "right_small_toe", "right_heel",
    # the 24 of the image databases
    "right_ankle", "right_knee", "right_hip_lsp", "left_hip_lsp", "left_knee", "left_ankle",
    "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist",
    "neck_lsp", "head_top_lsp", "pelvis_mpii", "thorax_mpii", "spine_h36m", "jaw_h36m", "head_h36m",
    "nose", "left_eye", "right_eye", "left_ear", "right_ear",
)  # fmt: skip

# Rows of J_regressor_h36m.npy, in order: left leg first, unlike the database's own list.
H36M_17: JointSet = (
    "pelvis", "left_hip", "left_knee", "left_ankle", "right_hip", "right_knee", "right_ankle", "spine",
    "thorax", "nose", "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow",
    "right_wrist",
)  # fmt: skip

# The 14 joints of the paper's metrics, as rows of H36M_17.
H36M_14: JointSet = (
    "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "right_wrist",
    "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist", "thorax", "head",
)  # fmt: skip

# The same 14 places among SPIN_49, by position: the second block's first fourteen.
SPIN_49_COMMON_14: tuple[int, ...] = tuple(range(25, 39))

# All of these but neck and head.
SPIN_49_LIMBS_12: tuple[int, ...] = SPIN_49_COMMON_14[:12]

# The 17 joints that MPI-INF-3DHP is tested on, by the names of the BODY_54 joints that stand for them.
MPII3D_17: JointSet = (
    "head_top_lsp", "neck_lsp", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist", "right_hip_lsp", "right_knee", "right_ankle", "left_hip_lsp", "left_knee", "left_ankle",
    "pelvis_mpii", "spine_h36m", "head_h36m",
)  # fmt: skip

# The same 17 places among SPIN_49, by position: names that come twice there mean the second block's.
SPIN_49_MPII3D_17: tuple[int, ...] = (38, 37, 33, 32, 31, 34, 35, 36, 27, 26, 25, 28, 29, 30, 39, 41, 43)

# All that MPI-INF-3DHP's training set labels; the same names where it is one of the 17.
MPII3D_28: JointSet = (
    "spine3", "spine4", "spine2", "spine_h36m", "pelvis_mpii", "neck_lsp", "head_h36m", "head_top_lsp",
    "left_clavicle", "left_shoulder", "left_elbow", "left_wrist", "left_hand", "right_clavicle", "right_shoulder",
    "right_elbow", "right_wrist", "right_hand", "left_hip_lsp", "left_knee", "left_ankle", "left_foot",
    "left_toe", "right_hip_lsp", "right_knee", "right_ankle", "right_foot", "right_toe",
)  # fmt: skip

# 3DPW's 2D poses: COCO's joints with OpenPose's neck.
THREEDPW_18: JointSet = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip_lsp", "right_knee", "right_ankle", "left_hip_lsp", "left_knee", "left_ankle", "right_eye", "left_eye",
    "right_ear", "left_ear",
)  # fmt: skip

# InstaVariety's keypoints; each is the first joint of its name in SPIN_49.
INSTA_25: JointSet = (
    "right_heel", "right_knee", "right_hip", "left_hip", "left_knee", "left_heel", "right_wrist", "right_elbow",
    "right_shoulder", "left_shoulder", "left_elbow", "left_wrist", "neck", "head_top_lsp", "nose", "left_eye",
    "right_eye", "left_ear", "right_ear", "left_big_toe", "right_big_toe", "left_small_toe", "right_small_toe",
    "left_ankle", "right_ankle",
)  # fmt: skip

BLAZEPOSE_33: JointSet = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
    "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index",
    "left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle", "left_heel", "right_heel", "left_foot_index", "right_foot_index",
)  # fmt: skip

# Of these, the points of the face.
BLAZEPOSE_FACE_11: JointSet = BLAZEPOSE_33[:11]

# The two auxiliary points from which BlazePose places its next region: rows 33 and 34 of its 39.
BLAZEPOSE_REGION_CENTER, BLAZEPOSE_REGION_RIM = 33, 34

# The twelve limb joints that every skeleton has: what real-video scores are measured on.
LIMBS_12: JointSet = (
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip


def indices(joint_set: Sequence[str], names: str | Iterable[str]) -> list[int]:
    """Return the positions of `names` (one name or several) in a joint set.

    Raises:
        ValueError: a name is not in the set.

    >>> indices(SMPL_24, ["pelvis", "left_hip"])
    [0, 1]
    """
    wanted = [names] if isinstance(names, str) else list(names)
    missing = [name for name in wanted if name not in joint_set]
    if missing:
        raise ValueError(f"no joint named {', '.join(missing)}; there are: {', '.join(joint_set)}")
    return [joint_set.index(name) for name in wanted]


def mirrored(joint_set: Sequence[str]) -> list[int]:
    """Return the permutation that swaps left and right.

    >>> mirrored(("pelvis", "left_hip", "right_hip"))
    [0, 2, 1]
    """

    def other_side(name: str) -> str:
        if "left" in name:
            return name.replace("left", "right")
        return name.replace("right", "left")

    return indices(joint_set, [other_side(name) for name in joint_set])


LIMBS_IN_BLAZEPOSE = indices(BLAZEPOSE_33, LIMBS_12)

# What joins BlazePose's landmarks within a body: pairs of rows.
_ARM = (
    ("ear", "shoulder"), ("shoulder", "elbow"), ("elbow", "wrist"),
    ("wrist", "pinky"), ("wrist", "index"), ("wrist", "thumb"),
)  # fmt: skip
_LEG = (("shoulder", "hip"), ("hip", "knee"), ("knee", "ankle"), ("ankle", "heel"), ("ankle", "foot_index"))
BLAZEPOSE_BONES = [
    *(indices(BLAZEPOSE_33, pair) for pair in (("left_ear", "nose"), ("nose", "right_ear"))),
    *(indices(BLAZEPOSE_33, (f"left_{part}", f"right_{part}")) for part in ("shoulder", "hip")),
    *(
        indices(BLAZEPOSE_33, (f"{side}_{one}", f"{side}_{other}"))
        for side in ("left", "right")
        for one, other in (*_ARM, *_LEG)
    ),
]
