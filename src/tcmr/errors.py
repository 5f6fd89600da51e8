"""The one exception that a user is meant to read, and what it is made of."""

import errno
import struct
import zlib
from pathlib import Path
from zipfile import BadZipFile

# What a damaged archive can raise while it is read.
BROKEN_ZIP = (
    BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class TcmrError(Exception):
    """Something the user gave cannot be used; the message says what, why and the remedy in one line."""


def one_line(error: TcmrError | OSError) -> str:
    """Return what a user reads of an error."""
    said = str(error)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        said = f"cannot write {error.filename or 'a file'}: {error.strerror}"
    elif isinstance(error, OSError) and error.filename is not None:
        said = f"{error.filename}: {error.strerror}"
    return " ".join(said.split())


def damaged_result(path: Path, why: Exception | str) -> TcmrError:
    """Return the error of a file that is not as `tcmr run` writes it, with the remedy."""
    reason = why.strerror if isinstance(why, OSError) and why.strerror else why
    return TcmrError(f"{path} is not as `tcmr run` writes it: {reason}; run the video again")
