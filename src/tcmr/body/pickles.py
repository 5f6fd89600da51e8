"""Read SMPL's pickles, with or without chumpy objects: stand-ins for the classes of chumpy and scipy in them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from scipy.sparse import csc_array, csr_array

from tcmr import pickles
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
    content = pickles.read_pickle(path, _GLOBALS)
    if not isinstance(content, dict):
        raise TcmrError(f"{path} holds a {type(content).__name__}, not the dictionary of a SMPL body")
    return {name: _plain(value) for name, value in content.items()}


def _plain(value: Any) -> Any:
    return value.array() if isinstance(value, _StandIn) else value
