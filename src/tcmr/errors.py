"""The one exception that a user is meant to read, and what it is made of."""

import math
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


def require_above_zero(name: str, number: int | float | None) -> None:
    """Refuse a number that is given and is not finite and above 0.

    Raises:
        TcmrError: it is not; the message has its name.
    """
    if number is not None and not 0 < number < math.inf:
        raise TcmrError(f"{name} must be {'finite' if number == math.inf else 'above 0'}, not {number}")
