"""One field of a store: an .npy file of any size, written in parts and read where it is needed.

Rows are read from the file and not through a memory map: the pages of a map count as the process's own
memory, and a run over a large database would come to hold all of it.
"""

import math
import os
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import Float32, Int64
from numpy.lib import format as npy

from tcmr.arrays import npy_header
from tcmr.errors import TcmrError
from tcmr.files import open_file

Array = np.ndarray


class Column:
    """An .npy file whose first axis is frames; it is open only while rows are read."""

    def __init__(self, path: Path):
        try:
            with open_file(path) as file:
                shape, in_columns, self.dtype = npy_header(file)
                self._offset = file.tell()
        except (OSError, ValueError) as error:
            raise TcmrError(f"cannot read {path}, a field of a feature store: {error}") from error
        self.path, self.shape = path, shape
        self._row_bytes = self.dtype.itemsize * math.prod(shape[1:])
        if in_columns or self.dtype.kind != "f" or not shape:
            raise TcmrError(f"{path} must hold rows of floating-point numbers, in C order")
        missing = self._offset + shape[0] * self._row_bytes - path.stat().st_size
        if missing > 0:
            raise TcmrError(f"{path} is cut short: {missing} bytes are missing; make the store anew")

    def __len__(self) -> int:
        return self.shape[0]

    def read(self, first_rows: Int64[Array, " runs"], length: int) -> Float32[Array, "runs length ..."]:
        """Read runs of `length` successive rows.

        Raises:
            IndexError: a run reaches out of the file.
        """
        if len(first_rows) and (first_rows.min() < 0 or first_rows.max() + length > len(self)):
            raise IndexError(f"{self.path} has {len(self)} rows; asked for some beyond")
        rows = np.empty((len(first_rows), length, *self.shape[1:]), self.dtype)
        with FileIO(self.path) as file:
            for run, first in zip(rows, first_rows.tolist(), strict=True):
                file.seek(self._offset + first * self._row_bytes)
                _fill(memoryview(run).cast("B"), file)
        return rows.astype(np.float32, copy=False)


class ColumnWriter:
    """An .npy file that grows; how many rows it has is written by `close`."""

    def __init__(self, path: Path, row_shape: Sequence[int], dtype: str = "<f4"):
        self._path, self._row_shape = path, tuple(row_shape)
        self._dtype, self._rows = np.dtype(dtype), 0
        with path.open("wb") as file:
            self._write_header(file)

    def append(self, rows: Float32[Array, "rows ..."]) -> None:
        """Add rows at the end."""
        if rows.shape[1:] != self._row_shape:
            raise ValueError(f"rows must be {list(self._row_shape)}, got {list(rows.shape[1:])}")
        with self._path.open("ab") as file:
            file.write(np.ascontiguousarray(rows, self._dtype).data)
        self._rows += len(rows)

    def close(self) -> None:
        """Write how many rows there are, and make sure that the file is on disk."""
        with self._path.open("r+b") as file:
            self._write_header(file)
            os.fsync(file.fileno())

    def _write_header(self, file: BinaryIO) -> None:
        """Write the header; numpy pads it so that more rows need no more space."""
        header = {
            "descr": npy.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self._rows, *self._row_shape),
        }
        npy.write_array_header_1_0(file, header)


def _fill(buffer: memoryview, file: FileIO) -> None:
    """Fill a buffer from where a file stands; one call may bring less than was asked for."""
    while buffer:
        count = file.readinto(buffer)
        if not count:
            raise EOFError("the file ends before the rows that were asked for")
        buffer = buffer[count:]
