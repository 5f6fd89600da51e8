import copyreg
import os
import pickle
import struct
import sys
import types
from typing import ClassVar

import numpy as np
import pytest
import scipy.sparse

from tcmr.body.pickles import read_pickle
from tcmr.errors import TcmrError

ARRAY = np.arange(12.0).reshape(4, 3)


def dumped(tmp_path, content, protocol=2):
    path = tmp_path / "body.pkl"
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_arrays_in_every_protocol(tmp_path, protocol):
    content = {"a": ARRAY, "fortran": np.asfortranarray(ARRAY), "n": np.float64(3), "text": "lbs"}
    found = read_pickle(dumped(tmp_path, content, protocol))
    np.testing.assert_array_equal(found["a"], ARRAY)
    np.testing.assert_array_equal(found["fortran"], ARRAY)
    assert found["n"] == 3
    assert found["text"] == "lbs"


@pytest.mark.parametrize("kind", ["csc_matrix", "csr_matrix", "csc_array", "csr_array"])
def test_sparse_matrices_become_dense(tmp_path, kind):
    matrix = np.diag([1.0, 0, 2]) + np.eye(3, k=1)
    found = read_pickle(dumped(tmp_path, {"J_regressor": getattr(scipy.sparse, kind)(matrix)}))
    np.testing.assert_array_equal(found["J_regressor"], matrix)


class Python2Pickler(pickle._Pickler):
    """Writes what Python 2 and old numpy wrote: byte strings without an encoding, flags as integers."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_bytes(self, value):
        self.write(pickle.BINSTRING + struct.pack("<i", len(value)) + value)
        self.memoize(value)

    def save_bool(self, value):
        self.write(pickle.BININT1 + bytes([value]))

    dispatch[bytes] = save_bytes
    dispatch[bool] = save_bool


def test_python_2_pickles_of_old_numpy_and_scipy(tmp_path):
    path = tmp_path / "body.pkl"
    content = {"weights": ARRAY, "J_regressor": scipy.sparse.csc_matrix(ARRAY)}
    with path.open("wb") as file:
        Python2Pickler(file, protocol=2).dump(content)
    old = (
        path.read_bytes()
        .replace(b"numpy._core", b"numpy.core")
        .replace(b"scipy.sparse._csc", b"scipy.sparse.csc")
    )
    path.write_bytes(old)
    found = read_pickle(path)
    np.testing.assert_array_equal(found["weights"], ARRAY)
    np.testing.assert_array_equal(found["J_regressor"], ARRAY)


@pytest.fixture
def chumpy(monkeypatch):
    """Classes under chumpy's names, whose instances carry the attributes that chumpy pickles."""

    def module(name, class_name):
        cls = type(class_name, (), {"__module__": name})
        # Python 2's classes went through copy_reg._reconstructor.
        cls.__reduce__ = lambda self: (copyreg._reconstructor, (cls, object, None), self.__dict__)
        made = types.ModuleType(name)
        setattr(made, class_name, cls)
        monkeypatch.setitem(sys.modules, name, made)
        return cls

    monkeypatch.setitem(sys.modules, "chumpy", types.ModuleType("chumpy"))
    return types.SimpleNamespace(ch=module("chumpy.ch", "Ch"), select=module("chumpy.reordering", "Select"))


def instance(cls, **attributes):
    made = cls()
    made.__dict__.update(attributes)
    return made


def test_chumpy_objects_become_arrays_without_chumpy(tmp_path, chumpy, monkeypatch):
    plain = instance(chumpy.ch, x=ARRAY, _dirty_vars={"x"}, _status="new")
    picked = instance(chumpy.select, a=plain, idxs=np.array([11, 0, 4, 5]), preferred_shape=(2, 2))
    path = dumped(tmp_path, {"v_template": plain, "shapedirs": picked})
    for name in ("chumpy", "chumpy.ch", "chumpy.reordering"):
        monkeypatch.delitem(sys.modules, name)
    found = read_pickle(path)
    np.testing.assert_array_equal(found["v_template"], ARRAY)
    np.testing.assert_array_equal(found["shapedirs"], [[11, 0], [4, 5]])


class Call:
    """Pickles as a call of any function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_malicious_pickle_is_refused_and_not_run(tmp_path, protocol):
    marker = tmp_path / "marker"
    path = dumped(tmp_path, {"v_template": Call(os.system, f"touch {marker}")}, protocol)
    with pytest.raises(TcmrError, match=rf"body\.pkl was refused.*{os.system.__module__}\.system"):
        read_pickle(path)
    assert not marker.exists()
    pickle.loads(path.read_bytes())  # the same bytes do harm elsewhere
    assert marker.exists()


@pytest.mark.parametrize("function", [eval, exec, getattr, __import__, open, np.load, np.fromfile])
def test_no_other_function_is_called(tmp_path, function):
    with pytest.raises(TcmrError, match=function.__name__):
        read_pickle(dumped(tmp_path, {"v_template": Call(function, "1")}))


def test_a_dotted_name_does_not_reach_through_an_allowed_module(tmp_path):
    path = tmp_path / "body.pkl"
    path.write_bytes(b"\x80\x04\x8c\x05numpy\x8c\x0ef2py.os.getcwd\x93)R.")
    with pytest.raises(TcmrError, match=r"numpy\.f2py\.os\.getcwd"):
        read_pickle(path)


@pytest.mark.parametrize("content", [b"", b"not a pickle", pickle.dumps({"a": ARRAY})[:-20]])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "body.pkl"
    path.write_bytes(content)
    with pytest.raises(TcmrError, match=r"body\.pkl is no readable pickle"):
        read_pickle(path)


def test_something_else_than_a_dictionary_is_refused(tmp_path):
    with pytest.raises(TcmrError, match="list"):
        read_pickle(dumped(tmp_path, [1, 2]))
