"""The one exception that a user is meant to read, and what it is made of."""

import struct
import zlib
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


class TcmrError(Exception):
    """Something the user gave cannot be used; the message says what, why and the remedy in one line."""
