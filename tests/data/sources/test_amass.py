import numpy as np
import pytest
import torch

from tcmr.data.sources.amass import is_motion, read_take
from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, indices


def test_a_standing_body_is_turned_y_up(write_amass, open_body, tmp_path):
    take = read_take(write_amass(tmp_path / "a_poses.npz"), "a", "s")
    assert take.fps == 120
    assert take.rotmat.shape == (300, 24, 3, 3)
    torch.testing.assert_close(take.rotmat[:, 0], torch.eye(3).expand(300, 3, 3), atol=1e-6, rtol=0)
    # Along x as before, up what was z, and towards -z what was along y; the pelvis rests where the body has it.
    rest = open_body.joint_template_m[0].numpy()
    expected = np.stack([np.linspace(0, 2, 300), np.full(300, 1.2), np.full(300, -3.0)], 1)
    turned = [rest[0], rest[2], -rest[1]]
    np.testing.assert_allclose(take.pelvis_m, expected + turned, atol=1e-5)


def test_joints_are_where_the_body_model_has_them_in_the_files_own_axes(write_amass, open_body, tmp_path):
    """Pose the body with the file's numbers as they are, z up, and turn the joints by hand."""
    betas = np.concatenate([[1.5, -1.0], np.zeros(14)])
    path = write_amass(tmp_path / "a_poses.npz", betas=betas)
    take = read_take(path, "a", "s", smpl=open_body)
    with np.load(path) as arrays:
        poses, trans = (torch.from_numpy(arrays[key]).float() for key in ("poses", "trans"))
    from tcmr.rotations import rotmat_from_axis_angle

    shaped = open_body.with_shape(torch.from_numpy(betas[:10]).float())
    rotmat = rotmat_from_axis_angle(poses[:, :72].unflatten(1, (24, 3)))
    x, y, z = shaped.with_pose(rotmat, trans).joints_m.unbind(-1)
    ours = shaped.with_pose_at(take.rotmat, torch.from_numpy(take.pelvis_m)).joints_m
    torch.testing.assert_close(ours, torch.stack([x, z, -y], -1), atol=1e-4, rtol=0)
    hip, knee, ankle = shaped.joints_m[indices(SMPL_24, ["left_hip", "left_knee", "left_ankle"])]
    assert take.leg_m == pytest.approx(float((knee - hip).norm() + (ankle - knee).norm()), rel=1e-5)


@pytest.mark.parametrize(("width", "rows"), [(72, (22, 23)), (156, (22, 37)), (165, (25, 40))])
def test_hands_are_the_first_of_the_index_fingers(write_amass, tmp_path, width, rows):
    poses = np.zeros((100, width))
    for row, angle in zip(rows, (0.2, 0.3), strict=True):
        poses[:, 3 * row + 1] = angle
    take = read_take(write_amass(tmp_path / "a.npz", 100, width, poses=poses), "a", "s")
    turned = torch.rad2deg(torch.acos(((take.rotmat[0, -2:].diagonal(dim1=-2, dim2=-1).sum(-1)) - 1) / 2))
    torch.testing.assert_close(turned, torch.rad2deg(torch.tensor([0.2, 0.3])), atol=0.05, rtol=0)
    assert torch.equal(take.rotmat[:, 1:22], torch.eye(3).expand(100, 21, 3, 3))


def test_the_newer_files_name_the_rate_otherwise(write_amass, tmp_path):
    changes = {"mocap_framerate": None, "mocap_frame_rate": np.array(100)}
    assert read_take(write_amass(tmp_path / "a.npz", **changes), "a", "s").fps == 100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"poses": np.zeros((300, 150))}, r"poses \[300, 150\]"),
        ({"trans": np.zeros((299, 3))}, r"trans \[299, 3\]"),
        ({"mocap_framerate": None}, "mocap_framerate"),
        ({"poses": np.full((300, 156), np.nan)}, "frame 0 is not finite"),
        ({"poses": np.array([{}], object)}, "a_poses"),
    ],
)
def test_faulty_files_are_refused_by_name(write_amass, tmp_path, changes, said):
    path = write_amass(tmp_path / "a_poses.npz", **changes)
    with pytest.raises(TcmrError, match=said) as refusal:
        read_take(path, "a_poses", "s")
    assert "a_poses" in str(refusal.value)


def test_files_of_shapes_are_no_motion(write_amass, tmp_path):
    np.savez(tmp_path / "shape.npz", gender="male", betas=np.zeros(16))
    assert not is_motion(tmp_path / "shape.npz")
    assert is_motion(write_amass(tmp_path / "a_poses.npz"))
    (tmp_path / "text.npz").write_text("text")
    with pytest.raises(TcmrError, match="text"):
        is_motion(tmp_path / "text.npz")
