"""Arrays of which a few rows at a time are read: in memory, in a joblib file, in HDF5."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Shaped

BLOCK = 65536


@runtime_checkable
class Rows(Protocol):
    """What numpy's arrays, HDF5's datasets and `StoredArray` have in common."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, and the shape of one."""

    @property
    def dtype(self) -> np.dtype:
        """Type of the values."""

    def __getitem__(self, rows: slice, /) -> Any:
        """Return some rows, as an array in memory."""


@dataclass(frozen=True)
class StoredArray:
    """An array whose bytes are somewhere in a file; rows are read when they are asked for."""

    path: Path
    offset: int
    dtype: np.dtype
    shape: tuple[int, ...]
    order: str = "C"

    def __getitem__(self, rows: slice, /) -> Shaped[np.ndarray, "rows ..."]:
        """Read successive rows."""
        first, last, _ = rows.indices(self.shape[0])
        if self.order == "F":  # rows are not in one piece
            return np.array(np.memmap(self.path, self.dtype, "r", self.offset, self.shape, "F")[first:last])
        size = int(np.prod(self.shape[1:], dtype=np.int64))
        start = self.offset + first * size * self.dtype.itemsize
        flat = np.fromfile(self.path, self.dtype, (last - first) * size, offset=start)
        return flat.reshape(last - first, *self.shape[1:])


def blocks(rows: Rows) -> Iterator[tuple[int, Shaped[np.ndarray, "rows ..."]]]:
    """Yield an array in blocks, each with the number of its first row."""
    for first in range(0, rows.shape[0], BLOCK):
        yield first, np.asarray(rows[first : first + BLOCK])
