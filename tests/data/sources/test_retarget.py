import numpy as np
import pytest
import torch

from data.sources.cmu_skeleton import bvh_text, joint_names, walk
from tcmr.data.sources.bvh import read_bvh
from tcmr.data.sources.retarget import read_take
from tcmr.errors import TcmrError
from tcmr.export.write import export_motions
from tcmr.joints import SMPL_24, indices
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle
from tcmr.types import Motion

LIMBS = {
    ("hip", "knee"): ("UpLeg", "Leg"), ("knee", "ankle"): ("Leg", "Foot"),
    ("shoulder", "elbow"): ("Arm", "ForeArm"), ("elbow", "wrist"): ("ForeArm", "Hand"),
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "02_01.bvh"
    path.write_text(bvh_text(walk(30)))
    return path


def placed(take, body):
    """Return the joints of the open body in a take's pose."""
    shaped = body.with_shape(torch.zeros(10))
    return shaped.with_pose_at(take.rotmat, torch.from_numpy(take.pelvis_m)).joints_m.numpy()


def test_limbs_point_as_in_the_file(file, open_body):
    motion = read_bvh(file)
    _, theirs = motion.posed()
    ours = placed(read_take(file, "02_01", "02"), open_body)
    for side in ("left", "right"):
        for (start, end), bone in LIMBS.items():
            a, b = indices(SMPL_24, [f"{side}_{start}", f"{side}_{end}"])
            c, d = (motion.names.index(side.capitalize() + name) for name in bone)
            mine, true = ours[:, b] - ours[:, a], theirs[:, d] - theirs[:, c]
            cosine = (mine * true).sum(1) / np.linalg.norm(mine, axis=1) / np.linalg.norm(true, axis=1)
            np.testing.assert_allclose(cosine, 1, atol=1e-5, err_msg=f"{side} {start}")


def test_hips_are_where_the_files_are_in_metres_of_the_database(file, open_body):
    motion = read_bvh(file)
    _, theirs = motion.posed()
    take = read_take(file, "02_01", "02")
    hips = indices(SMPL_24, ["left_hip", "right_hip"])
    rows = [motion.names.index(name) for name in ("LeftUpLeg", "RightUpLeg")]
    true = theirs[:, rows].mean(1) * 0.0254 / 0.45
    np.testing.assert_allclose(placed(take, open_body)[:, hips].mean(1), true, atol=0.01)
    assert take.leg_m == pytest.approx((np.hypot(2.6, 7.1) + np.hypot(2.5, 6.8)) * 0.0254 / 0.45)


def test_the_rest_pose_stands_and_faces_along_z(file, open_body, tmp_path):
    columns = np.zeros((2, 3 + 3 * len(joint_names())))
    file.write_text(bvh_text(columns))
    joints = placed(read_take(file, "a", "a"), open_body)[0]
    at = {name: joints[row] for row, name in enumerate(SMPL_24)}
    assert at["head"][1] > at["pelvis"][1] > at["left_knee"][1] > at["left_ankle"][1]
    assert at["left_wrist"][0] > 0 > at["right_wrist"][0]
    assert at["left_foot"][2] > at["left_ankle"][2] + 0.05
    assert at["left_ankle"][0] > at["left_knee"][0] > at["left_hip"][0]  # legs spread, as in the file


def test_our_own_files_come_back_as_they_were(open_body, tmp_path):
    generator = torch.Generator().manual_seed(0)
    turns = 0.4 * torch.randn(1, 24, 3, generator=generator) * torch.linspace(0, 1, 40)[:, None, None]
    turns[:, 0, 0] += torch.pi
    rotmat = rotmat_from_axis_angle(turns)
    motion = Motion(
        rotmat=rotmat.numpy(),
        betas=np.zeros((40, 10), np.float32),
        camera=np.ones((40, 3), np.float32),
        joints_m=np.zeros((40, 24, 3), np.float32),
        attention=np.full((40, 3), 1 / 3, np.float32),
        frames=np.arange(40),
        fps=30.0,
        body=f"{open_body.name} {open_body.sha256}",
        weights="none 0",
        transl_m=np.tile(np.float32([0.3, 0.2, 4]), (40, 1)),
    )
    export_motions(motion, tmp_path / "own.bvh")
    take = read_take(tmp_path / "own.bvh", "own", "me")
    assert take.rotmat.shape == (40, 24, 3, 3)
    error = axis_angle_from_rotmat(take.rotmat[:, 1:].mT @ rotmat[:, 1:]).norm(dim=-1)
    assert error.max() < 1e-3
    np.testing.assert_allclose(take.pelvis_m, np.tile([0.3, -0.2, -4], (40, 1)), atol=1e-4)


@pytest.mark.parametrize("factor", [0.0254 / 0.45, 2.54 / 0.45, 25.4 * 20 / 9])
def test_the_unit_is_found_by_the_legs(file, factor):
    """The same person in metres, centimetres and millimetres."""
    expected = read_take(file, "a", "a")
    text = file.read_text()
    head, motion = text.split("MOTION")
    scaled = []
    for line in head.splitlines():
        words = line.split()
        if words[:1] == ["OFFSET"]:
            line = "OFFSET " + " ".join(str(float(word) * factor) for word in words[1:])
        scaled.append(line)
    lines = motion.strip().splitlines()
    rows = [line.split() for line in lines[2:]]
    rows = [[*(str(float(word) * factor) for word in row[:3]), *row[3:]] for row in rows]
    file.write_text("\n".join([*scaled, "MOTION", *lines[:2], *(" ".join(row) for row in rows)]))
    take = read_take(file, "a", "a")
    assert take.leg_m == pytest.approx(expected.leg_m, rel=1e-6)
    np.testing.assert_allclose(take.pelvis_m, expected.pelvis_m, atol=1e-4)


def test_other_names_are_refused_with_what_is_lacking(file):
    file.write_text(file.read_text().replace("LeftForeArm", "LeftLowerArm"))
    with pytest.raises(TcmrError, match=r"02_01\.bvh.*lacks LeftForeArm"):
        read_take(file, "a", "a")
