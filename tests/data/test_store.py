"""Feature stores: what goes in comes out, frame by frame; what does not fit is refused."""

import json

import numpy as np
import pytest
import torch

from synthetic_store import ALL_FIELDS, ONLY_2D, sequence, write_store
from tcmr.data.store import FeatureStore, StoreWriter
from tcmr.errors import TcmrError
from tcmr.rotations import axis_angle_from_rotmat


@pytest.fixture
def store(tmp_path, open_body) -> FeatureStore:
    return write_store(tmp_path / "made_up", open_body)


def test_windows_are_the_sequences_frames_and_labels_their_target_frames(store, open_body):
    first, second = (sequence(open_body, frames, number, 24) for number, frames in enumerate((40, 24)))
    windows = store.windows(np.array([5, 40 + 3]), 16)
    assert np.array_equal(windows.static[0], first["static"][5:21])
    assert np.array_equal(windows.static[1], second["static"][3:19])
    for place, (made, target) in enumerate(((first, 13), (second, 11))):
        assert np.array_equal(windows.labels.keypoints[place], made["keypoints"][target])
        assert np.array_equal(windows.labels.joints_m[place], made["joints_m"][target])
        assert np.array_equal(windows.labels.betas[place], made["betas"][target])
        pose = axis_angle_from_rotmat(windows.labels.rotmat[place]).flatten()
        # The root turns by nearly pi: the same rotation may have the opposite axis.
        np.testing.assert_allclose(pose[3:], made["pose"][target][3:], atol=1e-5)
    assert windows.labels.joints_weight.tolist() == windows.labels.body_weight.tolist() == [1, 1]


def test_labels_that_a_database_lacks_have_no_weight(tmp_path, open_body):
    labels = write_store(tmp_path / "flat", open_body, fields=ONLY_2D).labels(np.array([0, 1]))
    assert labels.keypoints[..., 2].min() == 1
    assert labels.joints_weight.sum() == labels.body_weight.sum() == 0


def test_bodies_can_be_left_out(store):
    labels = store.labels(np.array([0, 1]), with_body=False)
    assert labels.joints_weight.tolist() == [1, 1]
    assert labels.body_weight.tolist() == [0, 0]


def test_labels_are_not_changed_by_being_read(store):
    """The released code's transform of keypoints overwrote the database: a second visit read garbage."""
    rows = np.array([7, 7])
    before = store.labels(rows)
    before.keypoints.fill_(9.0)
    again = store.labels(rows)
    assert torch.equal(again.keypoints[0], again.keypoints[1])
    assert not torch.equal(again.keypoints, before.keypoints)


def test_labels_keep_single_precision(store, open_body):
    """The released code kept targets as float16, half a millimetre coarse at one metre."""
    made = sequence(open_body, 40, 0, 24)
    assert np.array_equal(store.labels(np.array([4])).joints_m[0], made["joints_m"][4])
    assert not np.array_equal(made["joints_m"][4].astype(np.float16), made["joints_m"][4])


def write_gap(path, split: bool) -> FeatureStore:
    writer = StoreWriter(path, "gap", ("static",), feature_size=2)
    numbers = np.array([3, 4, 5, 9, 10, 20])
    writer.add(numbers, split_at_gaps=split, static=np.zeros((6, 2), np.float32))
    return writer.close()


def test_sequences_are_split_where_frames_are_left_out(tmp_path):
    assert [rows.tolist() for rows in write_gap(tmp_path / "a", True).sequences()] == [
        [0, 1, 2],
        [3, 4],
        [5],
    ]


def test_or_not_as_in_the_released_code(tmp_path):
    assert [rows.tolist() for rows in write_gap(tmp_path / "a", False).sequences()] == [[0, 1, 2, 3, 4, 5]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"frame_numbers": np.array([0, 2, 1])}, "frames must ascend; frame 1"),
        ({"frame_numbers": np.array([0, 1, 1])}, "frames must ascend; frame 1"),
        ({"static": np.zeros((2, 4), np.float32)}, "static must have 3 frames"),
        ({"static": np.full((3, 4), np.nan, np.float32)}, "static must have 3 frames, all finite"),
        ({"betas": None}, "needs static, betas; got static"),
    ],
)
def test_sequences_that_do_not_fit_are_refused_and_leave_no_trace(tmp_path, change, said):
    writer = StoreWriter(tmp_path, "picky", ("static", "betas"), feature_size=4)
    usual = {
        "frame_numbers": np.arange(3),
        "static": np.zeros((3, 4), np.float32),
        "betas": np.zeros((3, 10), np.float32),
    }
    given = {name: value for name, value in (usual | change).items() if value is not None}
    with pytest.raises(ValueError, match=said):
        writer.add(**given)
    writer.add(**usual)
    assert [len(rows) for rows in writer.close().sequences()] == [3]


def test_a_store_without_an_end_is_none(tmp_path):
    writer = StoreWriter(tmp_path, "cut", ("static",), feature_size=4)
    writer.add(np.arange(3), static=np.zeros((3, 4), np.float32))
    with pytest.raises(TcmrError, match="not a feature store"):
        FeatureStore.open(tmp_path)


def test_files_that_do_not_fit_together_are_refused(store):
    about = json.loads((store.path / "store.json").read_text())
    assert about["fields"] == list(ALL_FIELDS)
    np.save(store.path / "betas.npy", np.zeros((3, 10), np.float32))
    with pytest.raises(TcmrError, match=r"betas\.npy has 3 frames, the store 64"):
        FeatureStore.open(store.path)
    np.save(store.path / "betas.npy", np.zeros((64, 11), np.float32))
    with pytest.raises(TcmrError, match=r"betas\.npy has rows of \[11\]"):
        FeatureStore.open(store.path)
    (store.path / "store.json").write_text(json.dumps(about | {"format": "tcmr-store-9"}))
    with pytest.raises(TcmrError, match="tcmr-store-9"):
        FeatureStore.open(store.path)


def test_a_field_that_is_not_there_is_named(tmp_path, open_body):
    with pytest.raises(TcmrError, match="has no pose; it has static, keypoints"):
        write_store(tmp_path / "flat", open_body, fields=ONLY_2D).column("pose")
