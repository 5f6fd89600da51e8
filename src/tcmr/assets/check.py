"""Is a user's file what its name claims? Only its structure is looked at; nothing in it is ever run."""

import io
import math
import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from tcmr.arrays import npy_header
from tcmr.assets.asset import UserFile
from tcmr.errors import BROKEN_ZIP, TcmrError
from tcmr.files import open_file
from tcmr.pickles.bounded import TORCH_LEGACY_PICKLES, Bounded


def check(path: Path, source: UserFile) -> None:
    """Check that the file is readable as its suffix says and holds the entries that it must hold.

    Raises:
        TcmrError: it is damaged, of another format, or lacks an entry.
    """
    read = {".npy": _npy_shapes, ".npz": _npz_shapes, ".pkl": _pickle_strings, ".tar": _torch_strings}
    try:
        found = read[path.suffix](path)
    except (*BROKEN_ZIP, OSError, ValueError, KeyError, IndexError) as error:
        raise TcmrError(f"{path}: is damaged or no {path.suffix} file ({error}); get it again") from error
    missing = [name for name, _ in source.entries if name not in found]
    if missing:
        raise TcmrError(f"{path}: has no {', '.join(missing)}; this is another file than its name says")
    for name, shape in source.entries:
        if shape is not None and found[name] != shape:
            label = f"{name} of shape" if name else "an array of shape"
            raise TcmrError(f"{path}: has {label} {found[name]} where {shape} is expected")


_Found = dict[str, tuple[int, ...] | None]


def _npy_shapes(path: Path) -> _Found:
    with open_file(path) as file:
        shape, _, dtype = npy_header(file)
        missing = math.prod(shape) * dtype.itemsize - (path.stat().st_size - file.tell())
    if missing > 0 or dtype.hasobject:
        raise ValueError("cut off" if missing > 0 else "objects instead of numbers")
    return {"": shape}


def _npz_shapes(path: Path) -> _Found:
    """Shapes by their headers alone: official bodies hold object arrays, which would have to be unpickled."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        return {name.removesuffix(".npy"): _header_shape(archive, name) for name in names}


def _header_shape(archive: zipfile.ZipFile, name: str) -> tuple[int, ...]:
    with archive.open(name) as file:
        return npy_header(cast(io.BufferedIOBase, file))[0]


def _pickle_strings(path: Path) -> _Found:
    with path.open("rb") as file:
        return dict.fromkeys(_strings(Bounded(file, path.stat().st_size)))


def _torch_strings(path: Path) -> _Found:
    """Strings of a checkpoint: a zip with a pickle in it or, before PyTorch 1.6, several pickles in a row."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            pickles = [name for name in archive.namelist() if name.endswith("data.pkl")]
            member = archive.getinfo(pickles[0])
            if member.compress_type != zipfile.ZIP_STORED:
                raise zipfile.BadZipFile("compressed, as torch never does")
            with archive.open(member) as file:
                content = Bounded(cast(io.BufferedIOBase, file), member.file_size)
                return dict.fromkeys(_strings(content))
    with path.open("rb") as file:
        content = Bounded(file, path.stat().st_size)
        return dict.fromkeys(text for _ in range(TORCH_LEGACY_PICKLES) for text in _strings(content))


def _strings(content: Bounded) -> Iterator[str]:
    """Walk over one pickle's operations to its end, without executing any, and yield the strings in it."""
    for _, argument, _ in pickletools.genops(cast(Any, content)):
        if isinstance(argument, str):
            yield argument
        elif isinstance(argument, bytes) and len(argument) < 100:
            yield argument.decode("latin-1")
