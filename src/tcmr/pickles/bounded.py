"""Files from strangers: read no further than they go, decompressed to no more than they account for."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any

from tcmr.arrays import ALWAYS_ALLOWED_BYTES, LARGEST_EXPANSION

_LZMA_BYTES = 1 << 28
# In a row in torch's files of the old format: a magic number, the protocol, the machine's type sizes, then the object.
TORCH_LEGACY_PICKLES = 4


class Bounded:
    """A file that is not asked for more than it has left: memory would be taken for it."""

    def __init__(self, file: io.BufferedIOBase, size: int):
        self._file, self.size, self._left = file, size, size

    def read(self, count: int) -> bytes:
        """Read so many bytes."""
        if not 0 <= count <= self._left:
            raise EOFError("cut off, or a length that lies")
        self._left -= count
        return self._file.read(count)

    def skip(self, count: int) -> int:
        """Go on behind what is not read; return where it begins."""
        start = self.size - self._left
        if not 0 <= count <= self._left:
            raise EOFError("cut off, or a length that lies")
        self._left -= count
        self._file.seek(count, io.SEEK_CUR)
        return start

    def readline(self) -> bytes:
        """Read a line."""
        line = self._file.readline()
        self._left -= len(line)
        return line


_DECOMPRESSORS: dict[bytes, Callable[[], Any]] = {
    b"\x78": zlib.decompressobj,
    b"\x1f\x8b": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16),
    b"BZ": bz2.BZ2Decompressor,
    b"\xfd7zXZ": lambda: lzma.LZMADecompressor(memlimit=_LZMA_BYTES),
    b"]\x00\x00": lambda: lzma.LZMADecompressor(memlimit=_LZMA_BYTES),
}


def decompressor(file: io.BufferedIOBase) -> Any:
    """Return what can decompress a file that stands at its beginning; None if it is not compressed."""
    start = file.read(max(map(len, _DECOMPRESSORS)))
    file.seek(0)
    return next((make() for magic, make in _DECOMPRESSORS.items() if start.startswith(magic)), None)


def uncompressed(file: io.BufferedIOBase, size: int) -> Bounded:
    """Return the file, or what is compressed in it, by its first bytes.

    Raises:
        ValueError: far more is compressed in it than it accounts for.
    """
    packed = decompressor(file)
    if packed is None:
        return Bounded(file, size)
    largest = max(ALWAYS_ALLOWED_BYTES, LARGEST_EXPANSION * size)
    content = packed.decompress(file.read(), largest + 1)
    if len(content) > largest:
        raise ValueError(f"{size} bytes that expand to more than {largest}")
    return Bounded(io.BytesIO(content), len(content))
