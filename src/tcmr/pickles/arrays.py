"""numpy's arrays, types and numbers as pickles hold them, looked at before numpy believes them."""

import math
from typing import Any

import numpy as np

from tcmr.arrays import check_text
from tcmr.pickles.bounded import Bounded

_KINDS = "biufcSUO"


class ArrayClass:
    """Stands for numpy.ndarray, which is named as a class but never called."""


def new_array(cls: Any, shape: Any, code: Any) -> np.ndarray:
    """Make an array without content, which its state brings."""
    return np.ndarray((0,), "b")


def array_of(content: bytes | bytearray, dtype: np.dtype, shape: Any, order: str) -> np.ndarray:
    """Make an array of its bytes."""
    flat = np.frombuffer(content, _without_objects(dtype))
    check_text(flat)
    return flat.reshape(checked_shape(shape), order="F" if order == "F" else "C")


def scalar(dtype: np.dtype, content: bytes | str) -> Any:
    """Make one of numpy's numbers."""
    raw = content.encode("latin1") if isinstance(content, str) else content
    _without_objects(dtype)
    if not isinstance(raw, bytes) or len(raw) != dtype.itemsize:
        raise ValueError("a number of another size than its type")
    return np.frombuffer(raw, dtype, 1)[0]


def new_dtype(code: str, align: int = 0, copy: int = 0) -> np.dtype:
    """Make a type of its name."""
    if not isinstance(code, str):
        raise ValueError("a type that is no text")
    return checked_dtype(np.dtype(code, bool(align), True))  # a copy, since its state comes after


def checked_dtype(dtype: Any) -> np.dtype:
    """Return the type of numbers, text or objects; refuse others."""
    if not isinstance(dtype, np.dtype) or dtype.kind not in _KINDS or dtype.subdtype is not None:
        raise ValueError(f"the type {dtype!r}, neither numbers nor text")
    return dtype


def _without_objects(dtype: Any) -> np.dtype:
    if checked_dtype(dtype).hasobject:
        raise ValueError("bytes for objects")
    return dtype


def checked_shape(shape: Any) -> tuple[int, ...]:
    """Return a shape that is one."""
    if not isinstance(shape, tuple) or not all(type(size) is int and size >= 0 for size in shape):
        raise ValueError(f"the shape {shape!r:.100}")
    return shape


def check_array_state(state: Any) -> int:
    """Make sure that an array's state agrees with itself, which numpy does not; return its bytes."""
    _, shape, dtype, _, content = state
    count = math.prod(checked_shape(shape))
    if checked_dtype(dtype).hasobject:
        if not isinstance(content, list) or len(content) != count:
            raise ValueError("an array of objects without its objects")
    elif not isinstance(content, bytes | str) or len(content) != count * dtype.itemsize:
        raise ValueError("an array of another size than its shape")
    return count * dtype.itemsize


def check_dtype_state(dtype: np.dtype, state: Any) -> None:
    """Make sure that a type's state changes no more than its byte order."""
    _, order, *parts, size, alignment, flags = state[:8]
    known = (-1, dtype.itemsize), (-1, dtype.alignment), (dtype.flags,)
    if order not in ("<", ">", "|", "=") or any(part is not None for part in parts):
        raise ValueError("a type with parts")
    if len(state) > 8 or any(
        number not in allowed for number, allowed in zip((size, alignment, flags), known, strict=True)
    ):
        raise ValueError("a type of another size than its name says")


def read_array(file: Bounded, dtype: np.dtype, shape: tuple[int, ...], order: str) -> np.ndarray:
    """Read an array whose bytes come next in a file."""
    count = math.prod(shape)
    flat = np.frombuffer(file.read(count * dtype.itemsize), dtype, count)
    check_text(flat)
    return flat.reshape(shape, order="F" if order == "F" else "C")
