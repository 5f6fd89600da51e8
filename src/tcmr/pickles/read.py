"""Read pickles without running what they name: plain values, numpy's arrays and joblib's.

A pickle is a program: it can call any function it names, change any object it is given, and ask for any amount of
memory. This reader knows the few globals that arrays need, takes more from whoever knows a kind of file, and
refuses everything else. What numpy would believe of an array is looked at before numpy sees it, and nothing
becomes larger than the file accounts for.
"""

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tcmr.arrays import ALWAYS_ALLOWED_BYTES, check_text
from tcmr.errors import TcmrError
from tcmr.files import open_file
from tcmr.pickles.arrays import (
    ArrayClass,
    array_of,
    check_array_state,
    check_dtype_state,
    checked_dtype,
    checked_shape,
    new_array,
    new_dtype,
    read_array,
    scalar,
)
from tcmr.pickles.bounded import Bounded, uncompressed

# (module, name) -> what stands for it.
Globals = Mapping[tuple[str, str], Any]
# File, type, shape and order ("C" or "F") of an array of joblib's whose bytes come next -> what stands for it.
ReadArray = Callable[[Bounded, np.dtype, tuple[int, ...], str], Any]

# Calls copy what they are given, and text is longer in memory than in a file: so many times the file's size.
_COPIES = 8
_Plain = str | bytes | int | float | complex | np.generic | None


class StandIn:
    """Keeps the attributes of an object whose class is not to be imported."""

    stored: Mapping[str, Any]

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.stored = dict(state)


class _JoblibArray(StandIn):
    """What joblib pickles in an array's place; the array's bytes follow it in the file."""

    @property
    def dtype(self) -> np.dtype:
        return checked_dtype(self.stored["dtype"])

    def read(self, file: Bounded, read: ReadArray) -> Any:
        """Read the bytes that follow. Source: the format of joblib.numpy_pickle."""
        if self.stored.get("numpy_array_alignment_bytes") is not None:
            file.read(file.read(1)[0])
        shape, order = checked_shape(self.stored["shape"]), "F" if self.stored["order"] == "F" else "C"
        return read(file, self.dtype, shape, order)


def _new_object(cls: Any, base: Any, state: Any) -> Any:
    """Make an object of a class of Python 2."""
    if base is not object or state is not None:
        raise ValueError("an object with a base")
    return _new_stand_in(cls)


def _new_stand_in(cls: Any) -> StandIn:
    if not isinstance(cls, type) or not issubclass(cls, StandIn):
        raise ValueError(f"an object of {cls!r:.100}")
    return cls()


def _latin1_bytes(text: str, encoding: str) -> bytes:
    """Undo how Python 3 writes bytes for Python 2."""
    if encoding != "latin1":
        raise ValueError(f"bytes in {encoding!r:.20}")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """Return what Python 3 writes as a call for Python 2: bytes of no length."""
    return b""


def _set(items: list[Any]) -> set[Any]:
    _check_keys(items)
    return set(items)


def _check_keys(keys: Any) -> None:
    """Make sure that keys are plain: the hash of tuples within tuples can take for ever."""
    if not all(isinstance(key, _Plain) for key in keys):
        raise ValueError("a key that is neither a number nor text")


_GLOBALS: dict[tuple[str, str], Any] = {
    ("__builtin__", "bytes"): _no_bytes,
    ("__builtin__", "object"): object,
    ("__builtin__", "set"): _set,
    ("builtins", "object"): object,
    ("builtins", "set"): _set,
    ("copy_reg", "_reconstructor"): _new_object,
    ("copyreg", "_reconstructor"): _new_object,
    ("_codecs", "encode"): _latin1_bytes,
    ("numpy", "ndarray"): ArrayClass,
    ("numpy", "dtype"): new_dtype,
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): _JoblibArray,
}
for _core in ("numpy.core", "numpy._core"):
    _GLOBALS[f"{_core}.multiarray", "_reconstruct"] = new_array
    _GLOBALS[f"{_core}.multiarray", "scalar"] = scalar
    _GLOBALS[f"{_core}.numeric", "_frombuffer"] = array_of

# Ways to reach globals, or objects outside of the pickle, that no data needs.
_FORBIDDEN = (
    pickle.INST, pickle.OBJ, pickle.NEWOBJ_EX, pickle.EXT1, pickle.EXT2, pickle.EXT4, pickle.PERSID, pickle.BINPERSID,
    pickle.NEXT_BUFFER, pickle.READONLY_BUFFER,
)  # fmt: skip


class _Unpickler(pickle._Unpickler):
    """Python's own unpickler in Python: its operations are changed, and joblib's arrays stand between them."""

    dispatch: ClassVar[dict[int, Any]] = {
        operation: method
        for operation, method in pickle._Unpickler.dispatch.items()
        if bytes([operation]) not in _FORBIDDEN
    }
    stack: list[Any]

    def __init__(self, file: Bounded, allowed: Globals, read: ReadArray):
        super().__init__(file, encoding="latin1")
        self.file, self.allowed, self.taken, self.read_array = file, allowed, 0, read

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a global, or refuse it."""
        if (module, name) not in self.allowed:
            raise TcmrError(
                f"it asks for {module}.{name}, which no such file needs; "
                "get the file anew from its publisher, and do not open it otherwise"
            )
        return self.allowed[module, name]

    def take(self, size: int) -> None:
        """Count what is copied."""
        self.taken += size
        if self.taken > _COPIES * self.file.size + ALWAYS_ALLOWED_BYTES // 64:
            raise ValueError("it expands to far more than it holds")

    def load_reduce(self) -> None:
        """Call a function, which can only be one that stands for a global."""
        self.take(sum(len(each) for each in self.stack[-1] if isinstance(each, str | bytes | list | tuple)))
        super().load_reduce()  # type: ignore[misc]

    def load_newobj(self) -> None:
        """Make a stand-in."""
        args, cls = self.stack.pop(), self.stack.pop()
        if args != ():
            raise ValueError("an object with arguments")
        self.stack.append(_new_stand_in(cls))

    def load_build(self) -> None:
        """Give an object its state; read the array whose place it held, if it did."""
        state, made = self.stack[-1], self.stack[-2]
        if isinstance(made, np.ndarray):
            self.take(check_array_state(state))
        elif isinstance(made, np.dtype):
            check_dtype_state(made, state)
        elif not isinstance(made, StandIn):
            raise ValueError(f"a {type(made).__name__} with attributes")
        super().load_build()  # type: ignore[misc]
        if isinstance(made, np.ndarray):
            check_text(made)
        if isinstance(made, _JoblibArray):
            self.stack[-1] = (
                _Unpickler(self.file, self.allowed, self.read_array).load()
                if made.dtype.hasobject
                else made.read(self.file, self.read_array)
            )

    def load_bytearray8(self) -> None:
        """Read bytes that can be changed: no room is made before they are known to be there."""
        self.stack.append(bytearray(self.read(int.from_bytes(self.read(8), "little"))))  # type: ignore[attr-defined]

    def load_setitem(self) -> None:
        """Put one entry into a dictionary."""
        _check_keys(self.stack[-2:-1])
        super().load_setitem()  # type: ignore[misc]

    def load_setitems(self) -> None:
        """Put entries into a dictionary."""
        _check_keys(self.stack[::2])
        super().load_setitems()  # type: ignore[misc]

    def load_dict(self) -> None:
        """Make a dictionary."""
        _check_keys(self.stack[::2])
        super().load_dict()  # type: ignore[misc]

    def load_additems(self) -> None:
        """Put items into a set."""
        _check_keys(self.stack)
        super().load_additems()  # type: ignore[misc]

    def load_frozenset(self) -> None:
        """Make a set."""
        _check_keys(self.stack)
        super().load_frozenset()  # type: ignore[misc]

    dispatch.update({
        pickle.REDUCE[0]: load_reduce, pickle.NEWOBJ[0]: load_newobj, pickle.BUILD[0]: load_build,
        pickle.SETITEM[0]: load_setitem, pickle.SETITEMS[0]: load_setitems, pickle.DICT[0]: load_dict,
        pickle.ADDITEMS[0]: load_additems, pickle.FROZENSET[0]: load_frozenset,
        pickle.BYTEARRAY8[0]: load_bytearray8,
    })  # fmt: skip


def read_pickle(path: Path, allowed: Globals | None = None, read: ReadArray = read_array) -> Any:
    """Return what a pickle holds, written by `pickle` (Python 2 or 3) or by `joblib`, compressed or not.

    `allowed` has the globals that this kind of file may ask for beside those of plain values and arrays; `read` is
    what is done about joblib's arrays.

    Raises:
        TcmrError: the file is missing or damaged, or names a global that is not allowed.
    """
    try:
        with open_file(path) as file:
            content = uncompressed(file, path.stat().st_size)
            return _Unpickler(content, {**_GLOBALS, **(allowed or {})}, read).load()
    except TcmrError as refusal:
        raise TcmrError(f"{path} was refused: {refusal}") from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise TcmrError(f"{path} is no readable pickle: {error or type(error).__name__}") from error
