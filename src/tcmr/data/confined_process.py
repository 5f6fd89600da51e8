"""The other side of `confined.py`: opens files of one format, tells what they hold and sends rows; knows no more.

A request is a line of JSON on standard input; an answer is a line of JSON on standard output, and as many bytes
as the line says.
"""

import json
import math
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

Array = np.ndarray
Names = list[str] | None  # of the arrays that are wanted; None for all

ROOM_BYTES = 1 << 30  # address space beyond what the libraries take
LARGEST_CHUNK_BYTES = 1 << 26  # HDF5 unpacks a whole chunk for one row of it
_KINDS = "biufSU"


def main() -> None:
    """Answer requests until standard input ends."""
    library, opened = FORMATS[sys.argv[1]]
    import_module(library)
    _limit_memory()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    arrays: Mapping[str, Any] = {}
    for line in sys.stdin.buffer:
        request = json.loads(line)
        head: dict[str, Any] = {}
        content = b""
        try:
            if "open" in request:
                arrays = opened(request["open"], request["names"])
                head["arrays"] = {name: (each.dtype.str, each.shape) for name, each in arrays.items()}
            else:
                rows = _plain(arrays[request["name"]][request["first"] : request["last"]])
                head["rows"], content = (rows.dtype.str, rows.shape), rows.tobytes()
        except Exception as error:  # a damaged file can raise nearly anything
            head["error"] = str(error) or type(error).__name__
        answers.write(json.dumps(head | {"bytes": len(content)}).encode() + b"\n" + content)
        answers.flush()


def _limit_memory() -> None:
    if find_spec("resource") is None:  # Windows
        return
    import resource

    with open("/proc/self/statm" if os.path.exists("/proc/self/statm") else os.devnull) as file:
        pages = file.read().split()
    used = int(pages[0]) * resource.getpagesize() if pages else 0
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM_BYTES, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _plain(rows: Array) -> Array:
    """Return rows of text of any lengths as text of one length."""
    return np.asarray(rows, "S") if rows.dtype.kind == "O" else rows


def _hdf5(path: str, names: Names) -> dict[str, Any]:
    import h5py

    file = h5py.File(path, "r")
    arrays: dict[str, Any] = {}
    for name in file if names is None else set(names) & set(file):
        value = file[name] if isinstance(file.get(name, getlink=True), h5py.HardLink) else None
        if not isinstance(value, h5py.Dataset) or not value.shape:
            continue
        if value.dtype.kind not in _KINDS and h5py.check_string_dtype(value.dtype) is None:
            continue
        if value.external or value.is_virtual:
            raise ValueError(f"{name} is not in the file itself")
        if value.chunks and math.prod(value.chunks) * value.dtype.itemsize > LARGEST_CHUNK_BYTES:
            raise ValueError(f"{name} has chunks of {value.chunks}")
        arrays[name] = value
    return arrays


def _matlab5(path: str, names: Names) -> dict[str, Array]:
    """Open variables; cells are named by their places: annot2[0], annot2[1] and so on."""
    from scipy.io import loadmat

    arrays: dict[str, Array] = {}
    for name, value in loadmat(path, appendmat=False, variable_names=names).items():
        cells = {name: value}
        if isinstance(value, np.ndarray) and value.dtype.kind == "O":
            cells = {f"{name}[{place}]": cell for place, cell in enumerate(value.reshape(-1))}
        arrays |= {
            key: cell
            for key, cell in cells.items()
            if isinstance(cell, np.ndarray) and cell.ndim and cell.dtype.kind in _KINDS
        }
    return arrays


FORMATS: dict[str, tuple[str, Callable[[str, Names], Mapping[str, Any]]]] = {
    "hdf5": ("h5py", _hdf5),
    "matlab5": ("scipy.io", _matlab5),
}

if __name__ == "__main__":
    main()
