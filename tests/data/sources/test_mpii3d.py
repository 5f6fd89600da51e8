import h5py
import numpy as np
import pytest
from scipy.io import savemat

from tcmr.data.sources.mpii3d import CAMERAS, read_mpii3d
from tcmr.errors import TcmrError
from tcmr.joints import SPIN_49_MPII3D_17

FRAMES = 9
# The database's own names, in its order, and those of its test set; each once in SPIN's 49 or not at all.
TRAIN_JOINTS = [
    "spine3",
    "spine4",
    "spine2",
    "spine",
    "pelvis",
    "neck",
    "head",
    "head_top",
    "left_clavicle",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "left_hand",
    "right_clavicle",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "right_hand",
    "left_hip",
    "left_knee",
    "left_ankle",
    "left_foot",
    "left_toe",
    "right_hip",
    "right_knee",
    "right_ankle",
    "right_foot",
    "right_toe",
]
TEST_JOINTS = [
    "head_top",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "pelvis",
    "spine",
    "head",
]
SPIN_PLACES = {
    "right_ankle": 25, "right_knee": 26, "right_hip": 27, "left_hip": 28, "left_knee": 29, "left_ankle": 30,
    "right_wrist": 31, "right_elbow": 32, "right_shoulder": 33, "left_shoulder": 34, "left_elbow": 35,
    "left_wrist": 36, "neck": 37, "head_top": 38, "pelvis": 39, "spine": 41, "head": 43,
}  # fmt: skip


def cells(arrays: list[np.ndarray]) -> np.ndarray:
    """Return a MATLAB cell array of 14 cameras."""
    column = np.empty((14, 1), object)
    for number, array in enumerate(arrays):
        column[number, 0] = array
    return column


def train_labels() -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(0)
    seen = [rng.uniform(300, 1500, (FRAMES, 56)) for _ in range(14)]
    return seen, [rng.normal(0, 500, (FRAMES, 84)) + [0, 0, 3000] * 28 for _ in range(14)]


def write_train(folder, seen, true):
    path = folder / "S1" / "Seq2" / "annot.mat"
    path.parent.mkdir(parents=True)
    savemat(
        path,
        {
            "annot2": cells(seen),
            "annot3": cells(true),
            "univ_annot3": cells(true),
            "cameras": np.arange(14)[None],
            "frames": np.arange(FRAMES)[:, None],
        },
    )
    return path


def write_test(folder, **changes):
    rng = np.random.default_rng(1)
    arrays = {
        "annot2": rng.uniform(100, 900, (FRAMES, 1, 17, 2)),
        "annot3": rng.normal(0, 500, (FRAMES, 1, 17, 3)),
        "univ_annot3": rng.normal(0, 500, (FRAMES, 1, 17, 3)),
        "valid_frame": (np.arange(FRAMES)[:, None] % 3 != 0).astype(float),
        "activity_annotation": np.ones((FRAMES, 1)),
    } | changes
    path = folder / "mpi_inf_3dhp_test_set" / "TS5" / "annot_data.mat"
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            if array is not None:
                file[name] = array
    return arrays


def test_each_camera_is_a_clip_and_each_joint_in_its_place(tmp_path):
    seen, true = train_labels()
    write_train(tmp_path, seen, true)
    clips = list(read_mpii3d(tmp_path, "train"))
    assert [clip.name for clip in clips] == [f"S1_Seq2_video{camera}" for camera in CAMERAS]
    for camera, clip in zip(CAMERAS, clips, strict=True):
        (found,) = clip.people
        assert found.frames.tolist() == list(range(FRAMES))
        pixels, joints_m = seen[camera].reshape(-1, 28, 2), true[camera].reshape(-1, 28, 3) / 1000
        low, high = found.squares_xyxy_px[:, :2], found.squares_xyxy_px[:, 2:]
        keypoints = found.fields["keypoints"]
        for row, name in enumerate(TRAIN_JOINTS):
            if name not in SPIN_PLACES:
                continue
            place = SPIN_PLACES[name]
            xy = (low + high) / 2 + keypoints[:, place, :2] * (high - low) / 2
            np.testing.assert_allclose(xy, pixels[:, row], atol=0.01, err_msg=name)
            relative = joints_m[:, row] - joints_m[:, TRAIN_JOINTS.index("pelvis")]
            np.testing.assert_allclose(found.fields["joints_m"][:, place], relative, atol=1e-5, err_msg=name)
        assert np.flatnonzero(keypoints[0, :, 2]).tolist() == sorted(SPIN_PLACES.values())
        used = pixels[:, [row for row, name in enumerate(TRAIN_JOINTS) if name in SPIN_PLACES]]
        extent = np.ptp(used, axis=1).max(1)
        np.testing.assert_allclose((high - low)[:, 0], 1.1 * 1.2 * extent, rtol=1e-5)
        assert "valid" not in found.fields


def test_the_crop_can_be_as_tight_as_in_the_databases_of_scale_one(tmp_path):
    write_train(tmp_path, *train_labels())
    (wide, *_), (tight, *_) = (list(read_mpii3d(tmp_path, "train", scale)) for scale in (1.2, 1.0))
    sides = [np.diff(clip.people[0].squares_xyxy_px[:, ::2]) for clip in (wide, tight)]
    np.testing.assert_allclose(sides[0], 1.2 * sides[1], rtol=1e-5)
    np.testing.assert_array_equal(*(clip.people[0].fields["keypoints"] for clip in (wide, tight)))


def test_frames_with_a_joint_out_of_the_picture_are_left_out(tmp_path):
    seen, true = train_labels()
    seen[0][3, 2 * TRAIN_JOINTS.index("left_ankle") + 1] = 2048
    seen[0][5, 2 * TRAIN_JOINTS.index("head")] = -1
    seen[0][6, 2 * TRAIN_JOINTS.index("right_toe")] = -50  # not one of those that are used
    seen[1][:] = 5000
    write_train(tmp_path, seen, true)
    clips = list(read_mpii3d(tmp_path, "train"))
    assert clips[0].people[0].frames.tolist() == [0, 1, 2, 4, 6, 7, 8]
    assert clips[1].people == ()


def test_pictures_are_the_published_videos_or_images_made_of_them(tmp_path):
    write_train(tmp_path, *train_labels())
    sequence = tmp_path / "S1" / "Seq2"
    (sequence / "video_1").mkdir()
    (sequence / "imageSequence" / "video_2").mkdir(parents=True)
    where = [clip.pictures.relative_to(sequence).as_posix() for clip in read_mpii3d(tmp_path, "train")]
    assert where[:4] == [
        "imageSequence/video_0.avi",
        "video_1",
        "imageSequence/video_2",
        "imageSequence/video_4.avi",
    ]


def test_the_test_set_tells_which_frames_count(tmp_path):
    arrays = write_test(tmp_path)
    (clip,) = read_mpii3d(tmp_path, "test")
    (found,) = clip.people
    assert (clip.name, clip.pictures.name) == ("TS5", "imageSequence")
    np.testing.assert_array_equal(found.fields["valid"], arrays["valid_frame"][:, 0])
    joints = arrays["univ_annot3"][:, 0] / 1000
    for row, name in enumerate(TEST_JOINTS):
        relative = joints[:, row] - joints[:, TEST_JOINTS.index("pelvis")]
        np.testing.assert_allclose(found.fields["joints_m"][:, SPIN_PLACES[name]], relative, atol=1e-5)
    assert tuple(SPIN_PLACES[name] for name in TEST_JOINTS) == SPIN_49_MPII3D_17


def test_the_last_two_test_videos_are_less_high(tmp_path):
    below = np.full((FRAMES, 1, 17, 2), 500.0)
    below[:, 0, 0, 0] = 800
    below[2, 0, 0, 1] = 1100
    write_test(tmp_path, annot2=below)
    (clip,) = read_mpii3d(tmp_path, "test")
    assert clip.people[0].frames.tolist() == [0, 1, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"valid_frame": None}, "lacks valid_frame"),
        ({"univ_annot3": np.zeros((FRAMES, 1, 28, 3))}, r"univ_annot3 must have the shape \[9, 1, 17, 3\]"),
        ({"annot2": np.full((FRAMES, 1, 17, 2), np.nan)}, "annot2 is not finite in row 0"),
    ],
)
def test_faulty_test_files_are_refused_by_name(tmp_path, changes, said):
    write_test(tmp_path, **changes)
    with pytest.raises(TcmrError, match=said) as refusal:
        list(read_mpii3d(tmp_path, "test"))
    assert "annot_data.mat" in str(refusal.value)


def test_faulty_training_files_are_refused_by_name(tmp_path):
    seen, true = train_labels()
    seen[2] = seen[2][:, :50]
    path = write_train(tmp_path, seen, true)
    with pytest.raises(TcmrError, match=r"annot\.mat: of camera 2 annot2 must have the shape \[N, 56\]"):
        list(read_mpii3d(tmp_path, "train"))
    for content in (b"", b"MATLAB 5.0 MAT-file", path.read_bytes()[:3000]):
        path.write_bytes(content)
        with pytest.raises(TcmrError, match=r"annot\.mat"):
            list(read_mpii3d(tmp_path, "train"))
    for split in ("train", "test"):
        with pytest.raises(TcmrError, match="as published"):
            list(read_mpii3d(tmp_path / "S1", split))
