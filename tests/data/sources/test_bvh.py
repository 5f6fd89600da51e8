import numpy as np
import pybvh
import pytest

from data.sources.cmu_skeleton import bvh_text, joint_names, walk
from tcmr.data.sources.bvh import read_bvh
from tcmr.errors import TcmrError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "02_01.bvh"
    path.write_text(bvh_text(walk(9)))
    return path


def test_joints_are_where_another_reader_has_them(file):
    motion = read_bvh(file)
    theirs = pybvh.read_bvh_file(str(file), world_up="+y")
    _, places = motion.posed()
    named = [row for row, joint in enumerate(motion.joints) if joint.channels]
    assert [motion.names[row] for row in named] == joint_names()
    theirs_of = [theirs.joint_names.index(name) for name in joint_names()]
    np.testing.assert_allclose(places[:, named], theirs.joint_positions()[:, theirs_of], atol=1e-4)
    assert motion.fps == pytest.approx(120, rel=1e-4)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("HIERARCHY", "HIERARCHIE", "HIERARCHY"),
        ("MOTION", "MOTIE", "MOTION"),
        ("Frames: 9", "Frames: 10", "promises 10 frames"),
        ("Frame Time: 0.0083333", "Frame Time: 0", "0.0 s each"),
        ("Xrotation", "Wrotation", "Wrotation"),
        ("JOINT LeftUpLeg", "BONE LeftUpLeg", "BONE"),
        ("16.500000", "nan", "frame 0"),
        ("16.500000", "much", "much"),
    ],
)
def test_what_is_no_bvh_is_refused_by_name(file, old, new, said):
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(TcmrError, match=said) as refusal:
        read_bvh(file)
    assert file.name in str(refusal.value)


def test_what_is_cut_short_is_refused(file, tmp_path):
    text = file.read_text()
    for length in (0, 40, text.index("MOTION") // 2, len(text) - 20):
        file.write_text(text[:length])
        with pytest.raises(TcmrError, match="02_01"):
            read_bvh(file)
    with pytest.raises(TcmrError, match="none"):
        read_bvh(tmp_path / "none.bvh")
