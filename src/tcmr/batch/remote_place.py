"""Files and folders in object stores, through fsspec."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tcmr.errors import TcmrError

PIECE_BYTES = 1 << 20


@contextmanager
def named_errors(address: str) -> Iterator[None]:
    """Turn whatever a store raises into one line that names the address."""
    try:
        yield
    except (TcmrError, MemoryError):
        raise
    except Exception as error:  # each store has kinds of its own, with no base in common
        raise TcmrError(f"{address}: cannot be used ({type(error).__name__}: {error})") from error


@dataclass(frozen=True)
class RemotePlace:
    """A file or folder in a store; `store` is a file system of fsspec, `path` the address without its scheme."""

    store: Any
    path: str

    @staticmethod
    def of(address: str) -> "RemotePlace":
        """Take an address as a user gives it.

        Raises:
            TcmrError: there is no way to that kind of store.
        """
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise TcmrError(
                f"{address}: object stores need fsspec and the store's own package (pip install fsspec s3fs)"
            ) from error
        with named_errors(address):
            return RemotePlace(*url_to_fs(address))

    @property
    def name(self) -> str:
        """The address."""
        return str(self.store.unstrip_protocol(self.path))

    def exists(self) -> bool:
        """Return whether there is such a file or folder."""
        with named_errors(self.name):
            return bool(self.store.exists(self.path))

    def is_folder(self) -> bool:
        """Return whether it is a folder."""
        with named_errors(self.name):
            # `isdir` would have the whole file sent where folders are pages of links (http).
            return self.store.exists(self.path) and self.store.info(self.path)["type"] == "directory"

    def folder(self) -> "RemotePlace":
        """Return the folder that it lies in."""
        return RemotePlace(self.store, self.path.rpartition("/")[0])

    def within(self, text: str) -> "RemotePlace":
        """Return what a path means that is relative to this folder.

        Raises:
            TcmrError: it is absolute.
        """
        if text.startswith("/"):
            raise TcmrError(f"{self.name}: {text} is not in that store; give its whole address")
        return RemotePlace(self.store, f"{self.path.rstrip('/')}/{text}")

    def files(self) -> Iterator["RemotePlace"]:
        """Yield all files below a folder, hidden ones left out."""
        with named_errors(self.name):
            found = self.store.find(self.path)
        for path in found:
            below = path.removeprefix(self.path.rstrip("/"))
            if "/." not in below:
                yield RemotePlace(self.store, path)

    def matches(self) -> Iterator["RemotePlace"]:
        """Yield what the name means as a pattern."""
        with named_errors(self.name):
            yield from (RemotePlace(self.store, path) for path in self.store.glob(self.path))

    def pieces(self) -> Iterator[bytes]:
        """Yield a file's content, piece by piece."""
        with named_errors(self.name), self.store.open(self.path, "rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    def read(self) -> bytes:
        """Return a file's content."""
        with named_errors(self.name):
            return bytes(self.store.cat_file(self.path))

    def write(self, content: bytes | Path) -> None:
        """Put bytes, or a copy of a file of this machine, there: stores take objects whole or not at all."""
        with named_errors(self.name):
            if isinstance(content, Path):
                self.store.put_file(str(content), self.path)
            else:
                self.store.pipe_file(self.path, content)

    def stamp(self) -> str:
        """Return the size and what the store says changes with the content."""
        with named_errors(self.name):
            return f"{self.store.size(self.path)} bytes, {self.store.ukey(self.path)}"

    @contextmanager
    def here(self) -> Iterator[Path]:
        """Give a copy on this machine, deleted afterwards."""
        with TemporaryDirectory(prefix="tcmr-") as folder:
            copy = Path(folder) / self.path.rstrip("/").rpartition("/")[2]
            with named_errors(self.name):
                self.store.get(self.path, str(copy), recursive=self.is_folder())
            yield copy
