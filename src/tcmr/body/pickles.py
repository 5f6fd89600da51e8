"""Read SMPL's pickles, with or without chumpy objects: stand-ins for the classes of chumpy and scipy in them."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tcmr.errors import TcmrError
from tcmr.pickles import read

_LARGEST_DENSE = 1 << 24  # numbers of a sparse matrix written out; SMPL's regressors have 24 x 6890


class _Stored(read.StandIn):
    def array(self) -> np.ndarray:
        """Return the array that the object stands for."""
        raise NotImplementedError


class _ChumpyArray(_Stored):
    def array(self) -> np.ndarray:
        return _own_array(self.stored["x"])


class _ChumpySelect(_Stored):
    def array(self) -> np.ndarray:
        chosen = self.stored["a"]
        # Not more than one within the other: a pickle can let an object contain itself.
        whole = chosen.array() if isinstance(chosen, _ChumpyArray) else _own_array(chosen)
        picked = whole.ravel()[_own_array(self.stored["idxs"])]
        return picked.reshape(self.stored.get("preferred_shape", picked.shape))


class _SparseColumns(_Stored):
    by_rows: ClassVar[bool] = False

    def array(self) -> np.ndarray:
        """Write the entries where they belong; numpy makes sure that there is such a place, scipy does not."""
        data, inner, starts = (_own_array(self.stored[name]) for name in ("data", "indices", "indptr"))
        dense = np.zeros(_small_shape(self.stored["_shape"]), data.dtype)
        lines = dense if self.by_rows else dense.T
        outer = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        np.add.at(lines, (outer, inner), data)
        return dense


class _SparseRows(_SparseColumns):
    by_rows = True


_GLOBALS: dict[tuple[str, str], Any] = {
    ("chumpy.ch", "Ch"): _ChumpyArray,
    ("chumpy.reordering", "Select"): _ChumpySelect,
}
for _kind, _stand_in in (("csc", _SparseColumns), ("csr", _SparseRows)):
    for _module in (f"scipy.sparse.{_kind}", f"scipy.sparse._{_kind}"):
        for _name in (f"{_kind}_matrix", f"{_kind}_array"):
            _GLOBALS[_module, _name] = _stand_in


def read_pickle(path: Path) -> dict[str, Any]:
    """Return a pickled dictionary, chumpy and sparse objects in it as plain arrays.

    Raises:
        TcmrError: the pickle names a global that is not allowed, is damaged, or holds no dictionary.
    """
    content = read.read_pickle(path, _GLOBALS)
    if not isinstance(content, dict):
        raise TcmrError(f"{path} holds a {type(content).__name__}, not the dictionary of a SMPL body")
    try:
        return {
            name: value.array() if isinstance(value, _Stored) else value for name, value in content.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise TcmrError(f"{path} is damaged: an array in it cannot be put together ({error})") from error


def _own_array(value: Any) -> np.ndarray:
    if not isinstance(value, np.ndarray):
        raise ValueError(f"a {type(value).__name__} in an array's place")
    return value


def _small_shape(shape: Any) -> tuple[int, int]:
    rows, columns = shape
    if not (rows >= 0 and columns >= 0 and rows * columns <= _LARGEST_DENSE):
        raise ValueError(f"a matrix of {rows} x {columns}")
    return int(rows), int(columns)
