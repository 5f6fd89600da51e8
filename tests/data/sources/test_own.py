import numpy as np
import pytest
import torch

from data.sources.moving_people import FOCAL_PX, HEIGHT, WIDTH, write_pictures
from tcmr.data.sources.own import read_own
from tcmr.errors import TcmrError
from tcmr.joints import SPIN_49
from tcmr.rotations import rotmat_from_axis_angle

FRAMES = np.array([2, 3, 4, 7, 8])


@pytest.fixture
def labels(open_body):
    pose = np.zeros((5, 72), np.float32)
    pose[:, 0] = np.pi
    pose[:, 12] = np.linspace(0, 1, 5)
    return {
        "video": np.array("pictures"),
        "frames": FRAMES,
        "poses": pose,
        "betas": np.linspace(-1, 1, 10),
        "transl": np.tile([0.1, 0.0, 4.0], (5, 1)),
        "focal_px": np.array(FOCAL_PX),
        "center_px": np.array([WIDTH / 2, HEIGHT / 2]),
        "body": np.array(f"open {open_body.sha256}"),
    }


@pytest.fixture
def folder(tmp_path, labels):
    write_pictures(tmp_path / "pictures", [f"{number}.jpg" for number in range(10)])
    np.savez(tmp_path / "ann.npz", **labels)
    return tmp_path


def test_labels_are_seen_where_the_camera_shows_them(folder, labels, open_body):
    np.savez(folder / "bob.npz", **labels | {"betas": np.zeros((5, 10))})
    (clip,) = read_own(folder, open_body)
    assert clip.pictures == folder / "pictures"
    assert [each.name for each in clip.people] == ["ann", "bob"]
    found = clip.people[0]
    np.testing.assert_array_equal(found.frames, FRAMES)
    rotmat = rotmat_from_axis_angle(torch.from_numpy(labels["poses"]).unflatten(1, (24, 3)))
    shaped = open_body.with_shape(torch.from_numpy(labels["betas"]).float())
    joints = shaped.with_pose(rotmat).joints(SPIN_49).numpy()
    placed = joints - shaped.joints_m[0].numpy() + labels["transl"][:, None]
    xy = FOCAL_PX * placed[..., :2] / placed[..., 2:] + [WIDTH / 2, HEIGHT / 2]
    low, high = found.squares_xyxy_px[:, None, :2], found.squares_xyxy_px[:, None, 2:]
    seen = (low + high) / 2 + found.fields["keypoints"][..., :2] * (high - low) / 2
    np.testing.assert_allclose(seen, xy, atol=0.01)
    np.testing.assert_allclose(found.fields["joints_m"], placed - labels["transl"][:, None], atol=1e-5)
    assert np.abs(found.fields["keypoints"][..., :2]).max() == pytest.approx(1 / 1.1 / 1.2, rel=1e-4)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"poses": None}, "lacks poses"),
        ({"poses": np.zeros((5, 69))}, r"poses must have the shape \[5, 72\], has \[5, 69\]"),
        ({"betas": np.zeros((4, 10))}, r"betas must have the shape \[5, 10\]"),
        ({"transl": np.full((5, 3), np.nan)}, "transl is not finite in row 0"),
        ({"transl": np.zeros((5, 3))}, "in frame 2 the person stands behind the camera"),
        ({"frames": np.array([2, 3, 3, 4, 5])}, "frames must ascend: 3 comes after 3"),
        ({"frames": np.array([4, 3, 2, 1, 0])}, "frames must ascend: 3 comes after 4"),
        ({"frames": np.array([-1, 0, 1, 2, 3])}, "whole numbers from 0"),
        ({"video": np.array("none.mp4")}, r"its video .*none\.mp4 is not there"),
        ({"body": np.array("SMPL_NEUTRAL 0123")}, "for the body SMPL_NEUTRAL, not for open"),
        ({"body": np.array(" ")}, "not for open"),
    ],
)
def test_faulty_labels_are_refused_by_name(folder, labels, open_body, changes, said):
    arrays = {name: array for name, array in (labels | changes).items() if array is not None}
    np.savez(folder / "ann.npz", **arrays)
    with pytest.raises(TcmrError, match=said) as refusal:
        list(read_own(folder, open_body))
    assert "ann.npz" in str(refusal.value)


def test_a_folder_without_labels_is_refused(folder, open_body):
    with pytest.raises(TcmrError, match=r"docs/datasets\.md"):
        list(read_own(folder / "pictures", open_body))
