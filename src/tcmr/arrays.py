"""Arrays from numpy's files: nothing is unpickled, and no memory taken that the file does not account for.

Headers say how large arrays are, and archives what they expand to; both may lie. All sizes are compared with the
file's before anything is allocated.
"""

import io
import math
import sys
import tokenize
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.lib import format as npy

from tcmr.errors import BROKEN_ZIP
from tcmr.files import open_file

Array = np.ndarray

LARGEST_EXPANSION = 40  # of what an archive expands to, to its own size
ALWAYS_ALLOWED_BYTES = 1 << 26
LARGEST_HEADER_BYTES = 1 << 14
LARGEST_EMPTY = 1 << 16
_NUMBERS_AND_TEXT = "biufcU"
_KINDS: dict[type, str] = {np.float32: "fiu", np.float64: "fiu", np.int64: "iu", np.bool_: "b", np.str_: "U"}
_PIECE_BYTES = 1 << 20
# What numpy raises of headers; the warning, of types of long ago, where warnings are errors.
_DAMAGED_HEADER = (
    SyntaxError,
    TypeError,
    RecursionError,
    MemoryError,
    OverflowError,
    tokenize.TokenError,
    DeprecationWarning,
)


@dataclass(frozen=True)
class Expected:
    """What an array must be: `shape` has sizes, or names of sizes on which all arrays must agree.

    `dtype` is float32 or float64 (of any finite real numbers), int64 (of any integers), bool or str.
    """

    shape: tuple[int | str, ...]
    dtype: type = np.float32
    optional: bool = False


def read_npy(path: Path) -> Array:
    """Return the array of an .npy file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no .npy file of numbers or text, or shorter than its header says.
    """
    with open_file(path) as file:
        return _read_array(file, path.stat().st_size)


def read_npz(path: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, Array]:
    """Return the arrays of an .npz file whose names are wanted.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no .npz file, or a wanted array is damaged, no numbers or text, or absurdly large.
    """
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            chosen = {name: info for name, info in _arrays_in(archive).items() if wanted(name)}
            _refuse_bomb(list(chosen.values()), path.stat().st_size)
            return {name: _read_member(archive, name, info) for name, info in chosen.items()}
    except BROKEN_ZIP as error:
        raise ValueError(f"damaged or no .npz ({error})") from error


def names_in_npz(path: Path) -> list[str]:
    """Return the names of the arrays in an .npz file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no .npz file.
    """
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            return list(_arrays_in(archive))
    except BROKEN_ZIP as error:
        raise ValueError(f"damaged or no .npz ({error})") from error


def fitting(arrays: Mapping[str, Array], layout: Mapping[str, Expected]) -> dict[str, Array]:
    """Return the arrays of a layout, each of its type, after making sure that they fit together.

    Raises:
        ValueError: one is missing, of another shape or kind, or not finite; the message names it.
    """
    sizes: dict[str, int] = {}
    missing = [name for name, entry in layout.items() if not entry.optional and name not in arrays]
    if missing:
        raise ValueError(f"has no {', '.join(missing)}")
    present = {name: entry for name, entry in layout.items() if name in arrays}
    for name, entry in present.items():
        found = arrays[name].shape
        if len(found) != len(entry.shape) or any(
            size != (sizes.setdefault(expected, size) if isinstance(expected, str) else expected)
            for size, expected in zip(found, entry.shape, strict=True)
        ):
            said = ", ".join(str(sizes.get(str(size), size)) for size in entry.shape)
            raise ValueError(f"{name} is {list(found)}, not [{said}]")
    return {name: _converted(arrays[name], entry.dtype, name) for name, entry in present.items()}


def npy_header(file: io.BufferedIOBase) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Read an array's header: shape, whether columns come first, type.

    Raises:
        ValueError: it is none, or absurd.
    """
    try:
        version = npy.read_magic(file)
        length = file.read(2 if version == (1, 0) else 4)
        size = int.from_bytes(length, "little")
        if size > LARGEST_HEADER_BYTES:
            raise ValueError(f"a header of {size} bytes")
        header = io.BytesIO(length + file.read(size))
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, columns_first, dtype = read(header)
    except _DAMAGED_HEADER as error:
        raise ValueError(f"a damaged header ({type(error).__name__})") from error
    if any(type(size) is not int or size < 0 for size in shape) or (
        0 in shape and max(shape) > LARGEST_EMPTY
    ):
        raise ValueError(f"an absurd shape {shape}")
    return shape, columns_first, dtype


def check_text(array: Array) -> None:
    """Make sure that an array of text holds characters, which numpy finds out when it is too late.

    Raises:
        ValueError: it does not.
    """
    if array.dtype.kind == "U" and array.size:
        codes = np.ascontiguousarray(array).reshape(-1).view(array.dtype.str[0] + "u4")
        if codes.max() > sys.maxunicode:
            raise ValueError("text of what are no characters")


def _arrays_in(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    return {
        info.filename.removesuffix(".npy"): info
        for info in archive.infolist()
        if info.filename.endswith(".npy")
    }


def _refuse_bomb(members: list[zipfile.ZipInfo], file_size: int) -> None:
    strange = [
        info.filename
        for info in members
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    ]
    if strange:
        raise ValueError(f"{strange[0]} is compressed as numpy never does")
    whole = sum(info.file_size for info in members)
    if whole > max(ALWAYS_ALLOWED_BYTES, LARGEST_EXPANSION * file_size):
        raise ValueError(f"{file_size} bytes that expand to {whole}")


def _read_member(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> Array:
    try:
        with archive.open(info) as member:
            return _read_array(cast(io.BufferedIOBase, member), info.file_size)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _read_array(file: io.BufferedIOBase, size: int) -> Array:
    """Read an array out of a file of so many bytes."""
    shape, columns_first, dtype = npy_header(file)
    if dtype.kind not in _NUMBERS_AND_TEXT or dtype.itemsize == 0:
        raise ValueError(f"{dtype}, neither numbers nor text")
    needed = math.prod(shape) * dtype.itemsize
    if needed > size - file.tell():
        raise ValueError(f"{shape} of {dtype} in {size} bytes: cut off, or the header lies")
    flat = np.empty(math.prod(shape), dtype)
    _fill(flat.view(np.uint8).data, file)
    check_text(flat)
    return flat.reshape(shape, order="F" if columns_first else "C")


def _fill(buffer: memoryview, file: io.BufferedIOBase) -> None:
    while buffer:
        count = file.readinto(buffer[:_PIECE_BYTES])
        if not count:
            raise ValueError("cut off")
        buffer = buffer[count:]


def _converted(array: Array, dtype: type, name: str) -> Array:
    if array.dtype.kind not in _KINDS[dtype]:
        raise ValueError(f"{name} is of {array.dtype}, not {np.dtype(dtype)}")
    with np.errstate(over="ignore"):
        converted: Array = array.astype(dtype, copy=False)
    if converted.dtype.kind == "f" and not np.isfinite(converted).all():
        raise ValueError(f"{name} is not finite")
    return converted
