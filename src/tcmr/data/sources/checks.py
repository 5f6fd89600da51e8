"""Arrays of outside files, checked before anything is made of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float64, Integer

from tcmr.errors import TcmrError

Array = np.ndarray


def entries(content: Any, keys: tuple[str, ...], what: str) -> list[Any]:
    """Return what a file holds under some keys.

    Raises:
        TcmrError: it is no dictionary or lacks one; `what` names the file.
    """
    if not isinstance(content, Mapping):
        raise TcmrError(f"{what} holds a {type(content).__name__}, not a dictionary of labels")
    if missing := [key for key in keys if key not in content]:
        raise TcmrError(f"{what} lacks {', '.join(missing)}")
    return [content[key] for key in keys]


def numbers(value: Any, shape: tuple[int | None, ...], what: str) -> Float64[Array, "..."]:
    """Return an array of finite numbers of that shape; None stands for any length.

    Raises:
        TcmrError: it is something else; `what` names file and array.
    """
    # Lists within lists may be each other's parts, and without end when they are written out.
    flat = isinstance(value, list | tuple) and all(isinstance(each, int | float) for each in value)
    array = np.asarray(value if flat or isinstance(value, np.ndarray | np.generic) else None)
    if array.dtype.kind not in "biuf":
        raise TcmrError(f"{what} is no array of numbers")
    fits = len(array.shape) == len(shape) and all(
        size in (None, length) for size, length in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("N" if size is None else str(size) for size in shape)
        raise TcmrError(f"{what} must have the shape [{wanted}], has {list(array.shape)}")
    array = array.astype(np.float64)
    bad = ~np.isfinite(array)
    if bad.any():
        raise TcmrError(f"{what} is not finite in row {np.argwhere(np.atleast_1d(bad))[0][0]}")
    return array


def ascending(value: Any, what: str) -> Integer[Array, " frames"]:
    """Return frame numbers.

    Raises:
        TcmrError: they are not whole, one is negative, or one comes after a later or equal one.
    """
    frames = numbers(value, (None,), what)
    wrong = np.flatnonzero(np.diff(frames) <= 0)
    if len(wrong):
        raise TcmrError(f"{what} must ascend: {frames[wrong[0] + 1]:g} comes after {frames[wrong[0]]:g}")
    if len(frames) == 0 or frames[0] < 0 or (frames != np.round(frames)).any():
        raise TcmrError(f"{what} must be whole numbers from 0")
    return frames.astype(np.int64)
