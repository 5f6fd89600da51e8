"""Read SMPL's pickles without running what they name: Python 2 or 3, with or without chumpy objects.

A pickle can call any function it names. This reader knows the few globals that SMPL's files need, gives
stand-ins for chumpy's and scipy's classes, and refuses everything else.
"""

import copyreg
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from scipy.sparse import csc_array, csr_array

from tcmr.errors import TcmrError


class _StandIn:
    """Keeps the attributes of an object whose class is not to be imported."""

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.stored = dict(state)

    def array(self) -> np.ndarray:
        """Return the array that the object stands for."""
        raise NotImplementedError


class _ChumpyArray(_StandIn):
    def array(self) -> np.ndarray:
        return np.asarray(self.stored["x"])


class _ChumpySelect(_StandIn):
    def array(self) -> np.ndarray:
        picked = _plain(self.stored["a"]).ravel()[np.asarray(self.stored["idxs"])]
        return picked.reshape(self.stored.get("preferred_shape", picked.shape))


class _SparseColumns(_StandIn):
    kind: ClassVar[Any] = csc_array

    def array(self) -> np.ndarray:
        entries = (self.stored["data"], self.stored["indices"], self.stored["indptr"])
        return np.asarray(self.kind(entries, shape=self.stored["_shape"]).toarray())


class _SparseRows(_SparseColumns):
    kind = csr_array


def _dtype(code: str, align: int = 0, copy: int = 0) -> np.dtype:
    # Old pickles give the flags as integers, which numpy warns of.
    return np.dtype(code, bool(align), bool(copy))


def _latin1_bytes(text: str, encoding: str) -> bytes:
    """Undo how Python 3 writes bytes for Python 2."""
    if encoding != "latin1":
        raise ValueError(f"bytes in {encoding}")
    return text.encode("latin1")


_SAMPLE = np.zeros(1)
_GLOBALS: dict[tuple[str, str], Any] = {
    ("__builtin__", "object"): object,
    ("__builtin__", "set"): set,
    ("builtins", "object"): object,
    ("builtins", "set"): set,
    ("copy_reg", "_reconstructor"): copyreg._reconstructor,  # type: ignore[attr-defined]
    ("copyreg", "_reconstructor"): copyreg._reconstructor,  # type: ignore[attr-defined]
    ("_codecs", "encode"): _latin1_bytes,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("chumpy.ch", "Ch"): _ChumpyArray,
    ("chumpy.reordering", "Select"): _ChumpySelect,
}
for _core in ("numpy.core", "numpy._core"):
    _GLOBALS[f"{_core}.multiarray", "_reconstruct"] = _SAMPLE.__reduce__()[0]
    _GLOBALS[f"{_core}.multiarray", "scalar"] = _SAMPLE[0].__reduce__()[0]
    _GLOBALS[f"{_core}.numeric", "_frombuffer"] = _SAMPLE.__reduce_ex__(5)[0]
for _kind, _stand_in in (("csc", _SparseColumns), ("csr", _SparseRows)):
    for _module in (f"scipy.sparse.{_kind}", f"scipy.sparse._{_kind}"):
        for _name in (f"{_kind}_matrix", f"{_kind}_array"):
            _GLOBALS[_module, _name] = _stand_in


class _SmplUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _GLOBALS:
            raise TcmrError(
                f"it asks for {module}.{name}, which no SMPL body needs; "
                "get the file anew from its publisher, and do not open it otherwise"
            )
        return _GLOBALS[module, name]


def read_pickle(path: Path) -> dict[str, Any]:
    """Return a pickled dictionary, chumpy and sparse objects in it as plain arrays.

    Raises:
        TcmrError: the pickle names a global that is not allowed, is damaged, or holds no dictionary.
    """
    try:
        with path.open("rb") as file:
            content = _SmplUnpickler(file, encoding="latin1").load()
    except TcmrError as refusal:
        raise TcmrError(f"{path} was refused: {refusal}") from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise TcmrError(f"{path} is no readable pickle: {error}") from error
    if not isinstance(content, dict):
        raise TcmrError(f"{path} holds a {type(content).__name__}, not the dictionary of a SMPL body")
    return {name: _plain(value) for name, value in content.items()}


def _plain(value: Any) -> Any:
    return value.array() if isinstance(value, _StandIn) else value
