"""Fields of a store: what is written in parts comes back in runs, also as numpy reads it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcmr.data.column import Column, ColumnWriter
from tcmr.errors import TcmrError


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(57, 4, 3)).astype(np.float32)


@pytest.fixture
def written(tmp_path, rows):
    path = tmp_path / "field.npy"
    writer = ColumnWriter(path, (4, 3))
    for part in np.array_split(rows, 5):
        writer.append(part)
    writer.close()
    return path


def test_numpy_reads_what_was_written_in_parts(written, rows):
    assert np.array_equal(np.load(written), rows)


@given(st.data())
def test_runs_are_slices(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("column") / "field.npy"
    count = data.draw(st.integers(1, 40))
    rows = np.arange(count * 6, dtype=np.float32).reshape(count, 2, 3)
    np.save(path, rows)
    length = data.draw(st.integers(1, count))
    first = np.array(data.draw(st.lists(st.integers(0, count - length), max_size=5)), np.int64)
    read = Column(path).read(first, length)
    assert read.shape == (len(first), length, 2, 3)
    for run, begin in zip(read, first, strict=True):
        assert np.array_equal(run, rows[begin : begin + length])


def test_half_precision_is_read_as_single(tmp_path, rows):
    np.save(tmp_path / "half.npy", rows.astype(np.float16))
    read = Column(tmp_path / "half.npy").read(np.array([3]), 2)
    assert read.dtype == np.float32
    assert np.array_equal(read[0], rows[3:5].astype(np.float16).astype(np.float32))


@pytest.mark.parametrize("first", [-1, 56, 100])
def test_rows_beyond_the_file_are_refused(written, first):
    with pytest.raises(IndexError, match="57 rows"):
        Column(written).read(np.array([0, first]), 2)


def test_files_that_cannot_be_read_are_named(tmp_path, written):
    with pytest.raises(TcmrError, match=r"gone\.npy"):
        Column(tmp_path / "gone.npy")
    (tmp_path / "text.npy").write_text("no numbers")
    with pytest.raises(TcmrError, match=r"text\.npy"):
        Column(tmp_path / "text.npy")
    np.save(tmp_path / "whole.npy", np.arange(5))
    with pytest.raises(TcmrError, match="floating-point"):
        Column(tmp_path / "whole.npy")
    written.write_bytes(written.read_bytes()[:-10])
    with pytest.raises(TcmrError, match="10 bytes are missing"):
        Column(written)


def test_rows_of_another_shape_are_not_written(tmp_path):
    with pytest.raises(ValueError, match=r"rows must be \[4, 3\], got \[4, 2\]"):
        ColumnWriter(tmp_path / "field.npy", (4, 3)).append(np.zeros((5, 4, 2), np.float32))
