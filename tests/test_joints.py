"""The named joint sets against the index maps of the released code."""

import json
from pathlib import Path

import pytest

from tcmr import joints

SIDED = (
    joints.SMPL_24, joints.SMPLH_52, joints.SMPLX_55, joints.BODY_54, joints.H36M_17, joints.H36M_14,
    joints.BLAZEPOSE_33, joints.BLAZEPOSE_FACE_11, joints.LIMBS_12,
)  # fmt: skip


@pytest.fixture(scope="module")
def released() -> dict:
    return json.loads((Path(__file__).parent / "parity" / "windows_and_maps.json").read_text())


def test_spin_49_picks_the_released_rows_of_54(released):
    assert joints.indices(joints.BODY_54, joints.SPIN_49) == released["smpl_45plus9_to_49"]


def test_h36m_14_picks_the_released_rows_of_17(released):
    assert joints.indices(joints.H36M_17, joints.H36M_14) == released["h36m17_to_j14"]


def test_vertices_that_stand_for_joints(released):
    assert list(joints.SMPL_VERTEX_JOINTS.values()) == released["smpl_extra_vertex_ids"]


def test_common_14_are_the_released_rows_of_49(released):
    maps = released["joint_index_maps"]
    assert list(joints.SPIN_49_COMMON_14) == maps["spin->common"]
    assert [maps["common->spin"][row] for row in joints.SPIN_49_COMMON_14] == list(range(14))


def test_h36m_17_lands_in_spin_49_on_the_released_rows(released):
    to_spin = released["joint_index_maps"]["h36m->spin"]
    # Names of the databases' block of SPIN-49 that differ from H36M's own.
    alias = {
        "right_hip_lsp": "right_hip", "left_hip_lsp": "left_hip", "neck_lsp": "thorax",
        "head_top_lsp": "head", "pelvis_mpii": "pelvis", "spine_h36m": "spine", "head_h36m": "nose",
    }  # fmt: skip
    for spin_row, h36m_row in enumerate(to_spin):
        if h36m_row >= 0:
            name = joints.SPIN_49[spin_row]
            assert joints.H36M_17[h36m_row] == alias.get(name, name)


@pytest.mark.parametrize("joint_set", SIDED)
def test_names_are_unique_and_mirror_onto_themselves(joint_set):
    assert len(set(joint_set)) == len(joint_set)
    swap = joints.mirrored(joint_set)
    assert [swap[row] for row in swap] == list(range(len(joint_set)))


def test_limbs_are_in_every_skeleton_that_scores_them():
    for joint_set in (joints.SMPL_24, joints.BLAZEPOSE_33, joints.H36M_17):
        assert len(joints.indices(joint_set, joints.LIMBS_12)) == 12


def test_the_first_of_the_common_14_are_the_limbs_and_of_blazeposes_the_face():
    limbs = [joints.SPIN_49[place].removesuffix("_lsp") for place in joints.SPIN_49_LIMBS_12]
    assert sorted(limbs) == sorted(joints.LIMBS_12)
    below = joints.BLAZEPOSE_33[len(joints.BLAZEPOSE_FACE_11) :]
    face = ("nose", "eye", "ear", "mouth")
    assert all(any(part in name for part in face) for name in joints.BLAZEPOSE_FACE_11)
    assert not any(part in name for part in face for name in below)


def test_parents_come_before_children_and_levels_cover_the_tree():
    assert all(parent < child for child, parent in enumerate(joints.SMPL_PARENTS))
    level_of = {joint: level for level, members in enumerate(joints.SMPL_LEVELS) for joint in members}
    assert sorted(level_of) == list(range(24))
    assert all(level_of[joints.SMPL_PARENTS[child]] < level_of[child] for child in range(1, 24))


def test_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=r"no joint named tail; there are: pelvis"):
        joints.indices(joints.SMPL_24, "tail")
