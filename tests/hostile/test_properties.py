"""Whatever is written is read as it was, whatever is absurd is refused, for any value that hypothesis thinks of."""

import json
import pickle
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hostile.npy import npy, npz, with_header
from tcmr.arrays import Expected, fitting, read_npy, read_npz
from tcmr.batch.events import Planned, event_of
from tcmr.errors import TcmrError
from tcmr.files import parse_json
from tcmr.model.sizes import checked_sizes
from tcmr.pickles.read import read_pickle

SHARED_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

NUMBERS = st.sampled_from(["<f4", ">f8", "<f2", "|i1", "<i8", ">u2", "|b1", "<c8"])
ARRAYS = NUMBERS.flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0, max_side=4))
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@SHARED_FOLDER
@given(held=st.dictionaries(st.sampled_from("abcd"), ARRAYS, max_size=4))
def test_archives_of_arrays_are_read_as_numpy_wrote_them(tmp_path, held):
    path = tmp_path / "a.npz"
    path.write_bytes(npz(**held))
    read = read_npz(path)
    assert read.keys() == held.keys()
    for name, array in held.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


@SHARED_FOLDER
@given(array=ARRAYS)
def test_arrays_are_read_as_numpy_wrote_them(tmp_path, array):
    path = tmp_path / "a.npy"
    path.write_bytes(npy(np.asfortranarray(array)))
    np.testing.assert_array_equal(read_npy(path), array)


@SHARED_FOLDER
@given(
    dtype=NUMBERS | st.sampled_from(["|O", "|V8", "<U3", "<M8[s]", "junk"]) | st.text(max_size=5),
    shape=st.tuples() | st.lists(st.integers(-5, 2**70), max_size=5).map(tuple) | JSON,
    data=st.binary(max_size=64),
)
@example(dtype="a", shape=(), data=b"")
def test_no_header_makes_an_array_larger_than_its_file(tmp_path, dtype, shape, data):
    path = tmp_path / "a.npy"
    path.write_bytes(with_header(dtype, shape, data))
    with suppress(ValueError):
        assert read_npy(path).nbytes <= len(data)


def test_text_of_what_are_no_characters_is_refused(tmp_path):
    text = np.array(["ab"]).view("<u4")
    text[1] = 0x110000
    (tmp_path / "a.npy").write_bytes(npy(text.view("<U2")))
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(text.view("<U2")))
    with pytest.raises(ValueError, match="no characters"):
        read_npy(tmp_path / "a.npy")
    with pytest.raises(TcmrError, match="no characters"):
        read_pickle(tmp_path / "a.pkl")


@given(held=st.dictionaries(st.sampled_from(["joints", "frames", "extra"]), ARRAYS))
def test_what_fits_a_layout_has_its_shapes_and_types(held):
    layout = {"joints": Expected(("frames", 3)), "frames": Expected(("frames",), np.int64)}
    with suppress(ValueError):
        fitted = fitting(held, layout)
        assert fitted["joints"].shape == (len(fitted["frames"]), 3)
        assert (fitted["joints"].dtype, fitted["frames"].dtype) == (np.float32, np.int64)
        assert np.isfinite(fitted["joints"]).all()


@SHARED_FOLDER
@given(
    content=st.recursive(
        PLAIN | ARRAYS,
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
        max_leaves=10,
    ),
    protocol=st.integers(0, 5),
)
def test_plain_values_and_arrays_are_unpickled_as_they_were(tmp_path, content, protocol):
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(content, protocol))
    np.testing.assert_equal(read_pickle(path), content)


@pytest.mark.parametrize("module", ["os", "posix", "subprocess", "builtins", "numpy", "torch", "importlib"])
@SHARED_FOLDER
@given(name=st.from_regex(r"[a-z_.]{1,12}", fullmatch=True), argument=st.text("abc./", max_size=5))
def test_no_global_is_called_that_data_does_not_need(tmp_path, module, name, argument):
    path = tmp_path / "a.pkl"
    path.write_bytes(f"c{module}\n{name}\n(V{argument}\ntR.".encode())
    if (module, name) not in {
        ("numpy", "dtype"),
        ("builtins", "set"),
        ("builtins", "object"),
        ("numpy", "ndarray"),
    }:
        with pytest.raises(TcmrError, match="it asks for"):
            read_pickle(path)


@given(value=JSON)
def test_any_json_is_parsed_or_refused_whatever_its_depth(value):
    text = json.dumps(value)
    assert json.dumps(parse_json(text)) == text
    with pytest.raises(ValueError, match="nested"):
        parse_json("[" * 100_000 + text)


@given(
    values=st.dictionaries(
        st.sampled_from(["event", "id", "video", "folder", "sha256", "stamp", "choices"]), JSON
    )
)
def test_a_line_of_a_manifest_plans_within_the_folder_or_is_refused(values):
    line = json.dumps({"event": "planned"} | values)
    with suppress(TcmrError):
        event = event_of(line)
        assert isinstance(event, Planned)
        assert not {"/", "\\", ":", "\0"} & set(event.folder)


@given(sizes=JSON)
def test_sizes_of_networks_are_small_whole_numbers(sizes):
    with suppress(ValueError):
        assert all(0 <= size <= 65_536 for size in checked_sizes(sizes).values())
