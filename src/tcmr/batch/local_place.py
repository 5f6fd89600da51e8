"""Files and folders on this machine."""

import glob
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tcmr.files import open_file

PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class LocalPlace:
    """A file or folder; `path` is absolute."""

    path: Path

    @staticmethod
    def of(text: str | Path) -> "LocalPlace":
        """Take a path as a user gives it; links are kept as they are."""
        return LocalPlace(Path(os.path.abspath(os.path.expanduser(text))))

    @property
    def name(self) -> str:
        """The absolute path."""
        return str(self.path)

    def exists(self) -> bool:
        """Return whether there is such a file or folder."""
        return os.path.exists(self.path)  # false for a name that is too long, too

    def is_folder(self) -> bool:
        """Return whether it is a folder."""
        return os.path.isdir(self.path)

    def folder(self) -> "LocalPlace":
        """Return the folder that it lies in."""
        return LocalPlace(self.path.parent)

    def within(self, text: str) -> "LocalPlace":
        """Return what a path means that is relative to this folder, or absolute."""
        return LocalPlace.of(self.path / text)

    def files(self) -> Iterator["LocalPlace"]:
        """Yield all files below a folder; hidden ones and linked folders are left out."""
        for folder, folders, files in os.walk(self.path):
            folders[:] = [name for name in folders if name[0] != "."]
            yield from (LocalPlace(Path(folder, name)) for name in files if name[0] != ".")

    def matches(self) -> Iterator["LocalPlace"]:
        """Yield what the name means as a pattern."""
        yield from map(LocalPlace.of, glob.iglob(self.name, recursive=True))

    def pieces(self) -> Iterator[bytes]:
        """Yield a file's content, piece by piece."""
        with open_file(self.path) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    def stamp(self) -> str:
        """Return size and modification time."""
        stat = self.path.stat()
        return f"{stat.st_size} bytes, {stat.st_mtime_ns} ns"

    def here(self) -> AbstractContextManager[Path]:
        """Give the path itself."""
        return nullcontext(self.path)
