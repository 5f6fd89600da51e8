"""The one exception that a user is meant to read, and what it is made of."""

import zlib
from zipfile import BadZipFile

# What reading a damaged or foreign .npz can raise: TypeError where it turns out to be a .npy.
DAMAGED_NPZ = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error)


class TcmrError(Exception):
    """Something the user gave cannot be used; the message says what, why and the remedy in one line."""
