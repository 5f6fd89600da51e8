"""Files that may come from anywhere: only ordinary ones are opened, texts within a size, JSON whatever its depth.

And files that are written: whole or not at all.
"""

import errno
import hashlib
import io
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

LARGEST_TEXT_BYTES = 1 << 28


def open_file(path: Path) -> io.BufferedReader:
    """Open an ordinary file for reading, links followed.

    Raises:
        OSError: it cannot be read, or is a folder, a pipe or a device, which might never end.
    """
    require_file(path)
    return path.open("rb")


def require_file(path: Path) -> None:
    """Make sure that a path is that of an ordinary file, for readers that open it themselves.

    Raises:
        OSError: it is not there, or is a folder, a pipe or a device.
    """
    try:
        mode = path.stat().st_mode
    except ValueError as error:  # a NUL, or half of a surrogate pair
        raise OSError(errno.EINVAL, "cannot be a file's name", str(path)) from error
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "is no ordinary file", str(path))


def is_same_file(first: Path, second: Path) -> bool:
    """Return whether both are there and are one file, links followed."""
    return os.path.exists(first) and os.path.exists(second) and os.path.samefile(first, second)


def can_be_a_name(text: str) -> bool:
    """Return whether a text can be the name of a file at all: no NUL, no half of a surrogate pair.

    >>> can_be_a_name("a.mp4"), can_be_a_name("a\\0"), can_be_a_name("\\ud800")
    (True, False, False)
    """
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def read_text(path: Path, largest_bytes: int = LARGEST_TEXT_BYTES, errors: str = "strict") -> str:
    """Return a file of UTF-8 text.

    Raises:
        OSError: see `open_file`.
        ValueError: it is too large, or no UTF-8.
    """
    with open_file(path) as file:
        content = file.read(largest_bytes + 1)
    if len(content) > largest_bytes:
        raise ValueError(f"larger than {largest_bytes >> 20} MB")
    return content.decode("utf-8", errors)


def parse_json(text: str | bytes) -> Any:
    """Return what a text of JSON says.

    Raises:
        ValueError: it is no JSON, or nested deeper than Python can follow.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_json(path: Path) -> Any:
    """Return what a file of JSON says.

    Raises:
        OSError: see `open_file`.
        ValueError: it is no JSON.
    """
    return parse_json(read_text(path))


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its name when all of it is written; after an error nothing is left of it.

    Raises:
        OSError: it cannot be written.
    """
    with made_whole(path) as partial, partial.open("wb") as file:
        yield file


@contextmanager
def made_whole(path: Path) -> Iterator[Path]:
    """Yield where to make a file, for writers that open it themselves; otherwise as `written_whole`.

    Raises:
        OSError: it cannot be written.
    """
    partial = Path(f"{path}.partial")  # a folder's path may have no name to change
    try:
        yield partial
        os.replace(partial, path)
    except BaseException as error:
        with suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)  # a failed write does not name its file
        raise
