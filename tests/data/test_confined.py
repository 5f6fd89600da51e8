"""Files that the libraries cannot cope with: whatever becomes of these, the caller gets a clear error."""

import io
import struct

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from tcmr.data import confined
from tcmr.data.confined import open_confined
from tcmr.errors import TcmrError


def matlab5(**variables):
    file = io.BytesIO()
    savemat(file, variables)
    return file.getvalue()


def cells(*arrays):
    column = np.empty((len(arrays), 1), object)
    for place, array in enumerate(arrays):
        column[place, 0] = array
    return column


def test_cells_are_arrays_by_their_places(tmp_path):
    first, second = np.arange(6.0).reshape(2, 3), np.ones((1, 2), np.uint8)
    (tmp_path / "a.mat").write_bytes(matlab5(annot2=cells(first, second), other=np.zeros(3)))
    with open_confined(tmp_path / "a.mat", "matlab5", ["annot2"]) as arrays:
        assert list(arrays) == ["annot2[0]", "annot2[1]"]
        np.testing.assert_array_equal(arrays["annot2[0]"][:], first)
        np.testing.assert_array_equal(arrays["annot2[1]"][0:1], second)


def test_rows_come_in_pieces_as_they_are_in_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(confined, "PIECE_BYTES", 1000)
    written = {
        "numbers": np.random.default_rng(0).normal(size=(70, 9)),
        "names": np.array([f"video {row // 9}".encode() for row in range(70)]),
        "words": np.array([f"video {row // 9}" for row in range(70)], object),
    }
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, array in written.items():
            file[name] = array
        file["number"] = 3
        file.create_group("group")
    with open_confined(tmp_path / "a.h5", "hdf5") as arrays:
        assert arrays.keys() == written.keys()
        for rows in (slice(None), slice(5, 60), slice(69, 200), slice(0, 0)):
            np.testing.assert_array_equal(arrays["numbers"][rows], written["numbers"][rows])
            for name in ("names", "words"):
                read = [each.decode() for each in arrays[name][rows]]
                assert read == [f"video {row // 9}" for row in range(*rows.indices(70))]


# Places in a file of two cells and what is written there: scipy 1.17 reads beyond its memory and mostly dies of it, by
# a signal; what it finds there may also let it refuse.
DEADLY = ((144, 5), (200, 5), (201, 2**31 - 1), (228, 17), (233, 9), (302, 2**31))


@pytest.mark.parametrize(("place", "number"), DEADLY)
def test_a_file_that_the_library_dies_of_is_a_clear_error(tmp_path, place, number):
    content = bytearray(matlab5(annot2=cells(np.ones((1, 2)), np.ones((1, 2)))))
    struct.pack_into("<I", content, place, number)
    (tmp_path / "a.mat").write_bytes(content)
    with (
        pytest.raises(TcmrError, match=r"a\.mat is no readable MATLAB 5 file: ."),
        open_confined(tmp_path / "a.mat", "matlab5"),
    ):
        pass


def test_a_library_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(confined, "ANSWER_S", 0.001)  # Python does not even start in that time
    with (
        pytest.raises(TcmrError, match=r"took more than"),
        open_confined(write_hdf5(tmp_path), "hdf5"),
    ):
        pass


def write_hdf5(folder, **how):
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_dataset("a", **({"data": np.zeros((3, 4), np.float32)} | how))
    return folder / "a.h5"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (
            {"data": None, "shape": (9,), "dtype": "u1", "external": [("secret", 0, 9)]},
            "not in the file itself",
        ),
        (
            {"data": None, "shape": (10**12, 4), "dtype": "f4", "chunks": (1, 4)},
            "bytes that expand to 16000000000000",
        ),
        (
            {"data": None, "shape": (3, 4), "dtype": "f4", "chunks": (1 << 23, 4), "maxshape": (None, 4)},
            "chunks of",
        ),
    ],
)
def test_other_files_and_absurd_sizes_are_refused(tmp_path, how, said):
    (tmp_path / "secret").write_bytes(b"a secret!")
    with pytest.raises(TcmrError, match=said), open_confined(write_hdf5(tmp_path, **how), "hdf5"):
        pass


@pytest.mark.parametrize("link", [h5py.ExternalLink("a.h5", "a"), h5py.SoftLink("/a")], ids=["file", "name"])
def test_links_are_not_followed(tmp_path, link):
    write_hdf5(tmp_path)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["a"] = link
    with open_confined(tmp_path / "b.h5", "hdf5") as arrays:
        assert not arrays


@pytest.mark.slow
def test_what_expands_further_than_memory_goes_is_refused(tmp_path):
    path = tmp_path / "a.mat"
    savemat(path, {"annot2": np.zeros(2_000_000_000, np.int8)}, do_compression=True)
    with (
        pytest.raises(TcmrError, match=r"MATLAB 5 file: .*(MemoryError|broke down)"),
        open_confined(path, "matlab5"),
    ):
        pass


def test_what_is_no_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere.h5"):
        with pytest.raises(TcmrError, match="no readable HDF5"), open_confined(path, "hdf5"):
            pass
