"""Released databases as feature stores: what goes in comes out; what is not as released is refused, without a trace."""

import numpy as np
import pytest

from released_files import COMMON, INSTA, MAKERS, h36m, joined, mpii3d, threedpw, truth, write, write_database
from tcmr.data.released.convert import convert_database
from tcmr.data.released.kinds import KINDS, KindName
from tcmr.data.store import FeatureStore
from tcmr.errors import TcmrError
from tcmr.joints import SPIN_49_MPII3D_17


@pytest.fixture(scope="module")
def videos(open_body):
    return truth(open_body)


@pytest.fixture
def convert(tmp_path):
    """Return a function that writes arrays as a file and converts it."""

    def run(kind: KindName, arrays, **choices) -> FeatureStore:
        path = write(tmp_path / f"db.{'h5' if kind == 'insta' else 'pt'}", arrays)
        return convert_database(path, kind, tmp_path / "stores" / kind, **choices).store

    return run


def whole(store: FeatureStore, name: str) -> np.ndarray:
    column = store.column(name)
    return column.read(np.array([0]), len(column))[0]


SEEN = {
    "3dpw": COMMON[:12],
    "h36m": list(range(49)),
    "mpii3d": list(SPIN_49_MPII3D_17),
    "posetrack": COMMON,
    "insta": INSTA,
    "penn_action": [place for place in COMMON if place != 37],
}
JOINTS = {"3dpw": list(range(49)), "h36m": list(range(49)), "mpii3d": list(SPIN_49_MPII3D_17)}
BODIES = {"3dpw", "h36m"}


@pytest.mark.parametrize("kind", KINDS)
def test_features_and_labels_are_what_was_made_up(tmp_path, videos, kind):
    path = write_database(tmp_path, kind, videos)
    store = convert_database(path, kind, tmp_path / "store").store
    assert store.database == kind
    assert store.lengths.tolist() == [30, 20]
    np.testing.assert_array_equal(whole(store, "static"), joined(videos, "static"))
    keypoints, made = whole(store, "keypoints"), joined(videos, "keypoints")
    np.testing.assert_allclose(keypoints[:, SEEN[kind]], made[:, SEEN[kind]], atol=1e-4)
    assert keypoints[..., 2].sum() == keypoints[:, SEEN[kind], 2].sum() == 50 * len(SEEN[kind])
    assert ("joints_m" in store.columns) == (kind in JOINTS)
    assert ({"pose", "betas"} <= store.columns.keys()) == (kind in BODIES)
    if kind in JOINTS:
        joints, true = (
            each[:, JOINTS[kind]] for each in (whole(store, "joints_m"), joined(videos, "joints_m"))
        )
        np.testing.assert_allclose(joints - joints[:, :1], true - true[:, :1], atol=1e-6)
    if kind in BODIES:
        np.testing.assert_array_equal(whole(store, "pose"), joined(videos, "pose"))
        np.testing.assert_array_equal(whole(store, "betas"), joined(videos, "betas"))


@pytest.mark.parametrize("kind", KINDS)
def test_labels_that_a_database_lacks_have_no_weight(tmp_path, videos, kind):
    path = write_database(tmp_path, kind, videos)
    labels = convert_database(path, kind, tmp_path / "store").store.labels(np.array([3, 40]))
    assert labels.joints_weight.tolist() == [float(kind in JOINTS)] * 2
    assert labels.body_weight.tolist() == [float(kind in BODIES)] * 2


def test_the_14_joints_of_3dpws_test_set_are_where_they_are_tested(convert, videos):
    store = convert("3dpw", threedpw(videos, tested=True))
    true = joined(videos, "joints_m")
    np.testing.assert_array_equal(whole(store, "joints_m")[:, COMMON], true[:, COMMON])


def test_frames_that_count_are_told_in_either_shape(convert, videos):
    arrays = mpii3d(videos, tested=True)
    arrays["valid_i"][7] = 0
    assert np.flatnonzero(whole(convert("mpii3d", arrays), "valid") == 0).tolist() == [7]
    arrays = threedpw(videos)
    arrays["valid"][[2, 49]] = 0
    assert np.flatnonzero(whole(convert("3dpw", arrays), "valid") == 0).tolist() == [2, 49]


def test_bodies_of_zeros_are_none(convert, videos):
    """Without NeuralAnnot's labels the released script writes zeros, which the released code trains on."""
    assert "pose" not in convert("h36m", h36m(videos, smpl=False)).columns


def test_bodies_can_be_missing(convert, videos):
    arrays = {name: array for name, array in h36m(videos).items() if name not in ("pose", "shape")}
    assert "pose" not in convert("h36m", arrays).columns


def test_bodies_of_some_frames_count_there_only(convert, videos):
    arrays = h36m(videos)
    for name in ("pose", "shape"):
        arrays[name][:30] = 0
    store = convert("h36m", arrays)
    assert store.labels(np.array([5, 29, 30, 49])).body_weight.tolist() == [0, 0, 1, 1]


def test_sequences_end_where_frames_are_left_out_and_the_videos_are_remembered(convert, videos):
    kept = np.delete(np.arange(50), [10, 11, 12, 35])
    store = convert("h36m", {name: array[kept] for name, array in h36m(videos).items()})
    assert store.lengths.tolist() == [10, 17, 5, 14]
    assert store.videos.tolist() == [0, 0, 1, 1]
    assert store.across_gaps().lengths.tolist() == [27, 19]
    assert store.across_gaps().starts.tolist() == [0, 27]


def test_videos_are_chosen_by_name(tmp_path, videos):
    path = write(tmp_path / "db.pt", h36m(videos))
    held_out = convert_database(path, "h36m", tmp_path / "held_out", only="s_01").store
    rest = convert_database(path, "h36m", tmp_path / "rest", without="s_01").store
    assert (held_out.lengths.tolist(), rest.lengths.tolist()) == ([20], [30])
    np.testing.assert_array_equal(whole(held_out, "static"), videos[1]["static"])
    with pytest.raises(TcmrError, match="no video is left; the first is named images/s_00"):
        convert_database(path, "h36m", tmp_path / "none", only="s_09")
    with pytest.raises(TcmrError, match="no regular expression"):
        convert_database(path, "h36m", tmp_path / "none", only="(")


def test_frames_without_a_box_have_no_keypoints_and_are_counted(tmp_path, videos):
    arrays = MAKERS["penn_action"](videos)
    arrays["bbox"][4, 2:] = -10001
    made = convert_database(write(tmp_path / "db.pt", arrays), "penn_action", tmp_path / "store")
    assert made.without_box == 1
    assert np.flatnonzero(whole(made.store, "keypoints")[..., 2].sum(1) == 0).tolist() == [4]


def dropped(name):
    return lambda arrays: arrays.pop(name)


def changed(name, change):
    def apply(arrays):
        arrays[name] = change(arrays[name].copy())

    return apply


def put(name, place, value):
    def change(array):
        array[place] = value
        return array

    return changed(name, change)


@pytest.mark.parametrize(
    ("kind", "spoil", "said"),
    [
        ("3dpw", dropped("valid"), r"valid missing; it has vid_name,.*is --kind right"),
        ("posetrack", dropped("img_name"), "img_name missing"),
        ("3dpw", changed("features", lambda rows: rows[:, :1024]), r"features must be \[50, 2048\], not \[50, 1024\]"),
        ("h36m", changed("joints2D", lambda rows: rows[:, :14]), r"joints2D must be \[50, 49, 3\], not \[50, 14, 3\]"),
        ("3dpw", changed("joints3D", lambda rows: rows[:, :24]), r"must be \[50, 49, 3\] or \[50, 14, 3\]"),
        ("insta", changed("joints2D", lambda rows: rows[..., :2]), r"must be \[50, 25, 3\]"),
        ("mpii3d", changed("bbox", lambda rows: rows[:49]), r"bbox has \[49, 4\], but features have 50"),
        ("3dpw", changed("pose", lambda rows: rows.astype(str)), "pose has values of type <U32"),
        ("3dpw", changed("vid_name", lambda rows: np.arange(50)), "vid_name has values of type int64"),
        ("3dpw", put("features", (33, 5), np.nan), r"courtyard_1_0: features is NaN .* 1 frames.* row 33.*--without"),
        ("insta", put("joints2D", (7, 3), np.inf), "joints2D is NaN or infinite in 1 frames"),
        ("h36m", put("pose", (7, 3), np.nan), "pose is NaN or infinite"),
        ("penn_action", put("bbox", (7, 3), np.nan), "bbox is NaN or infinite"),
        ("3dpw", put("frame_id", 31, 0), r"_1_0: frame 0 comes after frame 0; frames must ascend \(in frame_id"),
        ("mpii3d", put("frame_id", 20, "img_000001"), "frame 1 comes after frame 20"),
        ("posetrack", put("img_name", 3, "no.jpg"), "'no.jpg' does not end in the number of a frame"),
        ("3dpw", put("vid_name", 49, "courtyard_0_0"), "video courtyard_0_0 ends at row 29 and comes back at row 49"),
    ],
)  # fmt: skip
def test_what_is_not_as_released_is_refused_and_leaves_no_trace(tmp_path, videos, kind, spoil, said):
    arrays = MAKERS[kind](videos)
    spoil(arrays)
    path = write(tmp_path / f"db.{'h5' if kind == 'insta' else 'pt'}", arrays)
    with pytest.raises(TcmrError, match=said) as refusal:
        convert_database(path, kind, tmp_path / "stores" / "new")
    assert str(path) in str(refusal.value)
    assert not list((tmp_path / "stores").iterdir())


def test_an_empty_database_is_refused(tmp_path, videos):
    path = write(tmp_path / "db.pt", {name: array[:0] for name, array in threedpw(videos).items()})
    with pytest.raises(TcmrError, match="it has no frames"):
        convert_database(path, "3dpw", tmp_path / "store")


def test_what_is_there_already_is_kept(convert, videos, tmp_path):
    store = convert("3dpw", threedpw(videos))
    with pytest.raises(TcmrError, match="exists already; remove it"):
        convert("3dpw", threedpw(videos[:1]))
    assert FeatureStore.open(store.path).lengths.tolist() == [30, 20]
    assert [path.name for path in (tmp_path / "stores").iterdir()] == ["3dpw"]


def test_a_place_that_cannot_be_written_is_named(tmp_path, videos):
    path = write(tmp_path / "db.pt", threedpw(videos))
    with pytest.raises(TcmrError, match=r"cannot convert .*db\.pt to .*db\.pt/store"):
        convert_database(path, "3dpw", path / "store")
