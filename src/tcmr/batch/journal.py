"""A file of lines that only grows: after a crash it holds whole lines, all that were written before."""

import os
import time
from pathlib import Path

from tcmr.batch.remote_place import RemotePlace
from tcmr.errors import TcmrError
from tcmr.files import require_file

UPLOAD_EVERY_S = 5.0


class LocalJournal:
    """A journal in a file of this machine; each line is on the disk when `append` returns."""

    def __init__(self, path: Path):
        self._path = path

    def read(self) -> list[str]:
        """Return all lines, after cutting off one that a crash left unfinished; make the file where it is missing.

        Raises:
            TcmrError: it cannot be read or written, or is no text.
        """
        try:
            if self._path.exists():
                require_file(self._path)
            with self._path.open("a+b") as file:
                file.seek(0)
                content = file.read()
                whole = content.rfind(b"\n") + 1
                file.truncate(whole)
            return content[:whole].decode().splitlines()
        except OSError as error:
            raise TcmrError(f"{self._path}: cannot be used ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise TcmrError(f"{self._path}: is damaged ({error.reason})") from error

    def append(self, lines: list[str]) -> None:
        """Add lines.

        Raises:
            TcmrError: they cannot be written, or the file is gone; then it is as it was before.
        """
        try:
            with self._path.open("r+b", buffering=0) as file:  # not made anew where somebody deleted it
                end = file.seek(0, os.SEEK_END)
                try:
                    _write_all(file.fileno(), "".join(f"{line}\n" for line in lines).encode())
                except OSError:
                    file.truncate(end)
                    raise
        except OSError as error:
            raise TcmrError(
                f"{self._path}: cannot be written ({error.strerror}); finished videos are kept, run the same "
                "command again when that is mended"
            ) from error

    def close(self) -> None:
        """Do nothing: everything is written."""


class RemoteJournal:
    """A journal in an object store, which cannot append: the whole is sent anew, now and then and at the end."""

    def __init__(self, place: RemotePlace):
        self._place = place
        self._lines: list[str] = []
        self._sent_s = 0.0
        self._waiting = False

    def read(self) -> list[str]:
        """Return all lines."""
        if self._place.exists():
            self._lines = self._place.read().decode(errors="replace").splitlines()
        return list(self._lines)

    def append(self, lines: list[str]) -> None:
        """Add lines."""
        self._lines += lines
        self._waiting = True
        if time.monotonic() - self._sent_s > UPLOAD_EVERY_S:
            self._send()

    def close(self) -> None:
        """Send what was not yet sent."""
        if self._waiting:
            self._send()

    def _send(self) -> None:
        self._place.write("".join(f"{line}\n" for line in self._lines).encode())
        self._sent_s, self._waiting = time.monotonic(), False


def _write_all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]
    os.fsync(file)
