"""A released database's file, open: its arrays by name, none of them in memory."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tcmr.data.confined import open_confined
from tcmr.data.released.rows import Rows, StoredArray
from tcmr.errors import TcmrError
from tcmr.files import open_file
from tcmr.pickles.bounded import Bounded, decompressor
from tcmr.pickles.read import read_pickle

CHUNK = 4096  # expands to no more than fits into memory


@contextmanager
def open_joblib(path: Path, scratch: Path) -> Iterator[dict[str, Rows]]:
    """Open a dictionary of arrays that joblib wrote; one that is compressed is unpacked into the folder `scratch`.

    Nothing that the file names is run.

    Raises:
        TcmrError: it cannot be read, is cut short or asks for more than arrays, or is no dictionary of arrays.
    """
    with TemporaryDirectory(prefix=".unpacked-", dir=scratch) as folder:
        plain = _unpacked(path, Path(folder))

        def locate(file: Bounded, dtype: np.dtype, shape: tuple[int, ...], order: str) -> StoredArray:
            return StoredArray(plain, file.skip(math.prod(shape) * dtype.itemsize), dtype, shape, order)

        try:
            content = read_pickle(plain, read=locate)
        except TcmrError as error:
            raise TcmrError(str(error).replace(str(plain), str(path))) from error
        if not isinstance(content, Mapping):
            raise TcmrError(f"{path} holds a {type(content).__name__}, not the dictionary of a database")
        yield {name: value for name, value in content.items() if isinstance(value, StoredArray | np.ndarray)}


def _unpacked(path: Path, folder: Path) -> Path:
    """Return the file itself, or where what is compressed in it now lies."""
    try:
        with open_file(path) as file:
            packed = decompressor(file)
            if packed is None:
                return path
            with (folder / "database").open("wb") as plain:
                for chunk in iter(lambda: file.read(CHUNK), b""):
                    plain.write(packed.decompress(chunk))
    except Exception as error:  # each kind of compression has its own errors
        raise TcmrError(f"cannot read {path}: {error}") from error
    if not packed.eof:
        raise TcmrError(f"{path} is cut short: get it anew")
    return folder / "database"


@contextmanager
def open_hdf5(path: Path, scratch: Path) -> Iterator[dict[str, Rows]]:
    """Open an HDF5 file (extra `import`: h5py).

    Raises:
        TcmrError: it cannot be read, or h5py is missing.
    """
    with open_confined(path, "hdf5") as arrays:
        yield dict(arrays)
