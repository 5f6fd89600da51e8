"""Read pickles without running what they name: plain values, numpy's arrays and joblib's.

A pickle can call any function it names. This reader knows the few globals that arrays need, takes more from
whoever knows a kind of file, and refuses everything else.
"""

import bz2
import copyreg
import gzip
import io
import lzma
import pickle
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Shaped

from tcmr.errors import TcmrError

# (module, name) -> what stands for it.
Globals = Mapping[tuple[str, str], Any]
# File, type, shape and order ("C" or "F") of an array whose bytes come next -> what stands for the array.
ReadArray = Callable[[io.BufferedIOBase, np.dtype, tuple[int, ...], str], Any]


def read_array(
    file: io.BufferedIOBase, dtype: np.dtype, shape: tuple[int, ...], order: str
) -> Shaped[np.ndarray, "..."]:
    """Read an array whose bytes come next in a file."""
    count = int(np.prod(shape, dtype=np.int64))
    flat = np.frombuffer(file.read(count * dtype.itemsize), dtype, count)
    return flat.reshape(shape, order="F" if order == "F" else "C")


class _JoblibArray:
    """What joblib pickles in an array's place; the array's bytes follow it in the file."""

    shape: tuple[int, ...]
    order: str
    dtype: np.dtype
    numpy_array_alignment_bytes: int | None = None

    def read(self, file: io.BufferedIOBase, read: ReadArray) -> Any:
        """Read the bytes that follow. Source: the format of joblib.numpy_pickle."""
        if self.numpy_array_alignment_bytes is not None:
            padding = file.read(1)[0]
            file.read(padding)
        return read(file, self.dtype, self.shape, self.order)


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
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): _JoblibArray,
}
for _core in ("numpy.core", "numpy._core"):
    _GLOBALS[f"{_core}.multiarray", "_reconstruct"] = _SAMPLE.__reduce__()[0]
    _GLOBALS[f"{_core}.multiarray", "scalar"] = _SAMPLE[0].__reduce__()[0]
    _GLOBALS[f"{_core}.numeric", "_frombuffer"] = _SAMPLE.__reduce_ex__(5)[0]


class _Unpickler(pickle._Unpickler):
    """Python's own unpickler in Python: joblib's arrays stand between the operations of the pickle."""

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)

    def __init__(self, file: io.BufferedIOBase, allowed: Globals, read: ReadArray):
        super().__init__(file, encoding="latin1")
        self.file, self.allowed, self.read_array = file, allowed, read

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a global, or refuse it."""
        if (module, name) not in self.allowed:
            raise TcmrError(
                f"it asks for {module}.{name}, which no such file needs; "
                "get the file anew from its publisher, and do not open it otherwise"
            )
        return self.allowed[module, name]

    def load_build(self) -> None:
        """Give an object its state; read the array whose place it held, if it did."""
        super().load_build()  # type: ignore[misc]
        made = self.stack[-1]  # type: ignore[attr-defined]
        if isinstance(made, _JoblibArray):
            self.stack[-1] = (  # type: ignore[attr-defined]
                _Unpickler(self.file, self.allowed, self.read_array).load()
                if made.dtype.hasobject
                else made.read(self.file, self.read_array)
            )

    dispatch[pickle.BUILD[0]] = load_build


def read_pickle(path: Path, allowed: Globals | None = None, read: ReadArray = read_array) -> Any:
    """Return what a pickle holds, written by `pickle` (Python 2 or 3) or by `joblib`, compressed or not.

    `allowed` has the globals that this kind of file may ask for beside those of plain values and arrays; `read`
    is what is done about joblib's arrays.

    Raises:
        TcmrError: the file is missing or damaged, or names a global that is not allowed.
    """
    try:
        with path.open("rb") as file:
            return _Unpickler(uncompressed(file), {**_GLOBALS, **(allowed or {})}, read).load()
    except TcmrError as refusal:
        raise TcmrError(f"{path} was refused: {refusal}") from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise TcmrError(f"{path} is no readable pickle: {error}") from error


class _ZlibReader(io.RawIOBase):
    """What is in a bare zlib stream, for which Python has no file of its own."""

    def __init__(self, file: io.BufferedIOBase):
        self._file, self._stream = file, zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._stream.eof:
            packed = self._stream.unconsumed_tail or self._file.read(io.DEFAULT_BUFFER_SIZE)
            if not packed:
                raise EOFError("the compressed data ends too early")
            content = self._stream.decompress(packed, len(buffer))
            if content:
                buffer[: len(content)] = content
                return len(content)
        return 0


def _no_lz4(file: io.BufferedIOBase) -> io.BufferedIOBase:
    raise TcmrError("it is compressed with lz4; write it anew with joblib.dump(content, path)")


_OPEN: dict[bytes, Callable[..., Any]] = {
    b"\x78": lambda file: io.BufferedReader(_ZlibReader(file)),
    b"\x1f\x8b": gzip.open,
    b"BZ": bz2.open,
    b"\xfd7zXZ": lzma.open,
    b"]\x00\x00": lzma.open,
    b"\x04\x22\x4d\x18": _no_lz4,
}


def uncompressed(file: io.BufferedIOBase) -> io.BufferedIOBase:
    """Return the file, or what is compressed in it, by its first bytes; it is unpacked as it is read.

    Raises:
        TcmrError: it is compressed in a way that is not known here.
    """
    start = file.read(max(map(len, _OPEN)))
    file.seek(0)
    return next((open_(file) for magic, open_ in _OPEN.items() if start.startswith(magic)), file)
