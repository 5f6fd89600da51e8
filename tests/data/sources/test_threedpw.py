import numpy as np
import pytest
import torch

from data.sources.moving_people import HEIGHT, WIDTH, person, three_dpw
from data.sources.python2 import write_python2_pickle
from tcmr.body import load_body
from tcmr.data.sources.threedpw import read_3dpw, tracked_boxes
from tcmr.errors import TcmrError
from tcmr.evaluate.metrics import root_relative
from tcmr.joints import H36M_14, SPIN_49, SPIN_49_COMMON_14
from tcmr.pickles.read import read_pickle
from tcmr.rotations import rotmat_from_axis_angle

FRAMES = 14
COMMON = list(SPIN_49_COMMON_14)


@pytest.fixture(scope="module")
def smpl(smpl_folder):
    return load_body(smpl_folder)


@pytest.fixture
def folder(tmp_path, smpl):
    three_dpw(tmp_path, smpl, "train", "courtyard_walk_00", FRAMES, people=2)
    three_dpw(tmp_path, smpl, "test", "downtown_cafe_00", FRAMES)
    return tmp_path


def altered(folder, **changes):
    """Change a published file."""
    (path,) = (folder / "sequenceFiles" / "train").iterdir()
    content = read_pickle(path) | changes
    write_python2_pickle(path, {key: value for key, value in content.items() if value is not None})
    return path


def test_people_are_posed_in_the_camera(folder, smpl):
    (clip,) = read_3dpw(folder, "train", smpl)
    assert clip.pictures == folder / "imageFiles" / "courtyard_walk_00"
    assert [each.name for each in clip.people] == ["courtyard_walk_00_0", "courtyard_walk_00_1"]
    for number, found in enumerate(clip.people):
        true = person(smpl, FRAMES, number)
        assert found.frames.tolist() == list(range(FRAMES))
        pelvis = [SPIN_49.index("pelvis")]
        expected = true.joints_in_camera_m - true.joints_in_camera_m[:, pelvis]
        joints = found.fields["joints_m"]
        np.testing.assert_allclose(joints - joints[:, pelvis], expected, atol=1e-4)
        rotmat = rotmat_from_axis_angle(torch.from_numpy(found.fields["pose"]).unflatten(1, (24, 3)))
        betas = torch.from_numpy(found.fields["betas"])
        posed = smpl.with_shape(betas).with_pose(rotmat).joints(SPIN_49).numpy()
        np.testing.assert_allclose(posed, joints, atol=1e-4)
        np.testing.assert_array_equal(found.fields["valid"], np.arange(FRAMES) % 5 != 4)


def test_keypoints_lie_in_the_square_and_only_limbs_count(folder, smpl):
    (clip,) = read_3dpw(folder, "train", smpl)
    for number, found in enumerate(clip.people):
        true = person(smpl, FRAMES, number)
        low, high = found.squares_xyxy_px[:, None, :2], found.squares_xyxy_px[:, None, 2:]
        keypoints = found.fields["keypoints"]
        # As in the released code, keypoints are normalised by a smaller square than the one cut out: 1.2 for 1.3.
        xy = (low + high) / 2 + keypoints[..., :2] * (high - low) / 2 * 1.2 / 1.3
        counted = keypoints[0, :, 2] > 0
        assert np.flatnonzero(counted).tolist() == COMMON[:12]
        for place in COMMON[:12]:
            openpose = SPIN_49.index(SPIN_49[place].removesuffix("_lsp"))
            np.testing.assert_allclose(xy[:, place], true.keypoints_px[:, openpose], atol=0.02)
        assert (np.abs(keypoints[:, COMMON[:12], :2]) < 1.5).all()
        assert (low < [WIDTH, HEIGHT]).all()
        np.testing.assert_allclose(high[..., 0] - low[..., 0], high[..., 1] - low[..., 1], rtol=1e-4)


def test_validation_and_test_have_the_fourteen_regressed_joints(folder, smpl):
    (clip,) = read_3dpw(folder, "test", smpl)
    (found,) = clip.people
    rotmat = rotmat_from_axis_angle(torch.from_numpy(found.fields["pose"]).unflatten(1, (24, 3)))
    posed = smpl.with_shape(torch.from_numpy(found.fields["betas"])).with_pose(rotmat)
    expected = root_relative(posed.joints(H36M_14).numpy(), H36M_14)
    joints = found.fields["joints_m"]
    np.testing.assert_allclose(root_relative(joints[:, COMMON], H36M_14), expected, atol=1e-4)
    assert not np.delete(joints, COMMON, 1).any()


def test_frames_without_enough_keypoints_are_left_out(folder, smpl):
    (path,) = (folder / "sequenceFiles" / "train").iterdir()
    poses2d = [each.copy() for each in read_pickle(path)["poses2d"]]
    poses2d[0][:3, 2] = 0  # not yet seen
    poses2d[0][6, 2, 2:9] = 0.2  # too many unsure
    poses2d[1][:, 2] = 0  # never seen
    altered(folder, poses2d=poses2d)
    (clip,) = read_3dpw(folder, "train", smpl)
    (found,) = clip.people
    assert found.frames.tolist() == [3, 4, 5, *range(7, FRAMES)]
    assert all(len(rows) == len(found.frames) for rows in found.fields.values())


def test_squares_follow_the_extent_smoothly_over_gaps():
    """A person who walks at an even pace and is hidden for a while; worked out by hand."""
    frames = np.arange(80)
    keypoints = np.zeros((80, 18, 3))
    keypoints[:, 0] = np.stack([10.0 + frames, 20 + 0 * frames, 0.9 + 0 * frames], 1)
    keypoints[:, 1] = np.stack([40.0 + frames, 60 + 0 * frames, 0.9 + 0 * frames], 1)
    keypoints[:, 2, :2] = 500  # not sure
    keypoints[30:38, :, 2] = 0
    keypoints[:4, :, 2] = 0
    first, boxes = tracked_boxes(keypoints)
    assert (first, len(boxes)) == (4, 76)
    middle = slice(30, 46)
    np.testing.assert_allclose(boxes[middle, 0], 25 + frames[4:][middle], atol=0.05)
    np.testing.assert_allclose(boxes[middle, 1], 40, atol=0.05)
    np.testing.assert_allclose(boxes[middle, 2:], 1.1 * 50, atol=0.05)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"poses2d": None}, "lacks poses2d"),
        (
            {"cam_poses": np.zeros((13, 4, 4))},
            r"cam_poses must have the shape \[14, 4, 4\], has \[13, 4, 4\]",
        ),
        ({"poses": [np.zeros((14, 69))] * 2}, r"poses of person 0 must have the shape \[14, 72\]"),
        ({"poses": [np.full((14, 72), np.nan)] * 2}, "poses of person 0 is not finite in row 0"),
        ({"betas": [np.zeros(10)]}, "betas has 1 persons, poses 2"),
        ({"img_frame_ids": np.arange(14)[::-1]}, "img_frame_ids must ascend: 12 comes after 13"),
        ({"campose_valid": ["yes", "no"]}, "campose_valid of person 0"),
    ],
)
def test_files_that_are_not_as_published_are_refused_by_name(folder, smpl, changes, said):
    path = altered(folder, **changes)
    with pytest.raises(TcmrError, match=said) as refusal:
        list(read_3dpw(folder, "train", smpl))
    assert path.name in str(refusal.value)


def test_other_folders_and_harmful_pickles_are_refused(folder, smpl, tmp_path):
    with pytest.raises(TcmrError, match="sequenceFiles/validation"):
        list(read_3dpw(folder, "validation", smpl))
    (path,) = (folder / "sequenceFiles" / "test").iterdir()
    marker = tmp_path / "was run"
    path.write_bytes(b"cpathlib\nPath.touch\n(cpathlib\nPath\n(V" + str(marker).encode() + b"\ntRtR.")
    with pytest.raises(TcmrError, match=path.name):
        list(read_3dpw(folder, "test", smpl))
    assert not marker.exists()
