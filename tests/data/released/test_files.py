"""Joblib's files against joblib: read in parts, unpacked in parts, never run."""

import os

import joblib
import numpy as np
import pytest

from tcmr.data.released.files import open_hdf5, open_joblib
from tcmr.data.released.rows import StoredArray, blocks
from tcmr.errors import TcmrError

RNG = np.random.default_rng(0)
CONTENT = {
    "features": RNG.normal(size=(300, 20)).astype(np.float32),
    "columns_first": np.asfortranarray(RNG.normal(size=(300, 7))),
    "names": np.array([f"video {row // 9}" for row in range(300)]),
    "objects": np.array([f"{row}" for row in range(300)], dtype=object),
    "numbers": np.arange(300),
    "transposed": RNG.normal(size=(300, 3, 5)).transpose(0, 2, 1),
    "empty": np.zeros((0, 3)),
    "note": "no array",
}
WRITTEN = [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)]


@pytest.mark.parametrize("compress", WRITTEN)
def test_any_rows_of_any_array_are_joblibs(tmp_path, compress):
    path = tmp_path / "db.pt"
    joblib.dump(CONTENT, path, compress=compress)
    expected = joblib.load(path)
    with open_joblib(path, tmp_path) as arrays:
        assert set(arrays) == set(CONTENT) - {"note"}
        for name, array in arrays.items():
            assert isinstance(array, StoredArray) == (name != "objects")
            assert (array.shape, array.dtype) == (expected[name].shape, expected[name].dtype)
            for rows in (slice(None), slice(5, 9), slice(299, 400), slice(0, 0)):
                np.testing.assert_array_equal(array[rows], expected[name][rows])
    assert [left.name for left in tmp_path.iterdir()] == ["db.pt"]


def test_blocks_are_the_whole(tmp_path):
    array = np.arange(150_000)
    np.testing.assert_array_equal(np.concatenate([block for _, block in blocks(array)]), array)
    assert [first for first, _ in blocks(array)] == [0, 65536, 131072]


class Call:
    def __init__(self, *words):
        self.words = words

    def __reduce__(self):
        return os.system, self.words


@pytest.mark.parametrize("compress", [0, 3])
def test_nothing_that_a_file_names_is_run(tmp_path, compress):
    path, marker = tmp_path / "db.pt", tmp_path / "marker"
    joblib.dump(CONTENT | {"shape": Call(f"touch {marker}")}, path, compress=compress)
    with pytest.raises(TcmrError, match=r"db\.pt was refused.*system"), open_joblib(path, tmp_path):
        pass
    assert not marker.exists()


@pytest.mark.parametrize("compress", WRITTEN)
def test_a_file_that_is_cut_short_is_refused(tmp_path, compress):
    path = tmp_path / "db.pt"
    joblib.dump(CONTENT, path, compress=compress)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(TcmrError, match=r"db\.pt"), open_joblib(path, tmp_path):
        pass


def test_the_last_array_too_must_be_whole(tmp_path):
    path = tmp_path / "db.pt"
    joblib.dump({"features": CONTENT["features"]}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: -CONTENT["features"].nbytes // 2])
    with pytest.raises(TcmrError, match="cut off"), open_joblib(path, tmp_path):
        pass


def test_what_is_no_dictionary_and_what_is_not_there(tmp_path):
    path = tmp_path / "db.pt"
    joblib.dump([1], path)
    with pytest.raises(TcmrError, match="holds a list"), open_joblib(path, tmp_path):
        pass
    path.write_bytes(b"\x04\x22\x4d\x18 and so on")
    with pytest.raises(TcmrError, match=r"db\.pt is no readable pickle"), open_joblib(path, tmp_path):
        pass
    with pytest.raises(TcmrError, match=r"nowhere\.pt"), open_joblib(tmp_path / "nowhere.pt", tmp_path):
        pass
    with pytest.raises(TcmrError, match="no readable HDF5"), open_hdf5(path, tmp_path):
        pass
