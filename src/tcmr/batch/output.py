"""The folder that results go to: on this machine, or in an object store."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, runtime_checkable

from filelock import FileLock, Timeout

from tcmr.batch.journal import LocalJournal, RemoteJournal
from tcmr.batch.local_place import LocalPlace
from tcmr.batch.manifest import MANIFEST_FILE, Journal
from tcmr.batch.place import is_address
from tcmr.batch.remote_place import RemotePlace
from tcmr.errors import TcmrError
from tcmr.result import RESULT_FILE, UNFINISHED, make_folder

LOCK_FILE = ".manifest.lock"


@runtime_checkable
class Output(Protocol):
    """Where results and the manifest go."""

    def locked(self) -> AbstractContextManager[None]:
        """Keep other batches out."""

    def journal(self) -> Journal:
        """Return the lines of the manifest."""

    def is_taken(self, name: str) -> bool:
        """Return whether there is something of that name, unfinished results apart."""

    def is_finished(self, name: str) -> bool:
        """Return whether that folder holds a whole result."""

    def result(self, name: str) -> bytes:
        """Return the `result.json` of that folder."""

    def folder(self, name: str) -> AbstractContextManager[Path]:
        """Give a folder of this machine; what is in it when the context ends is that folder's content."""


@dataclass(frozen=True)
class LocalOutput:
    """A folder of this machine, or of a file system that several share."""

    path: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder where it is missing, and keep other batches out of it.

        Raises:
            TcmrError: it cannot be written, or another batch is at work there.
        """
        make_folder(self.path)
        try:
            with FileLock(self.path / LOCK_FILE, timeout=0):
                yield
        except Timeout as error:
            raise TcmrError(
                f"another batch is writing into {self.path}; wait for it, or choose another folder with -o"
            ) from error

    def journal(self) -> LocalJournal:
        """Return the lines of the manifest."""
        return LocalJournal(self.path / MANIFEST_FILE)

    def is_taken(self, name: str) -> bool:
        """Return whether there is something of that name, unfinished results apart."""
        path = self.path / name
        if not path.is_dir():
            return path.exists()
        return any(not entry.name.startswith(UNFINISHED) for entry in path.iterdir())

    def is_finished(self, name: str) -> bool:
        """Return whether that folder holds a whole result."""
        return (self.path / name / RESULT_FILE).is_file()

    def result(self, name: str) -> bytes:
        """Return the `result.json` of that folder."""
        return (self.path / name / RESULT_FILE).read_bytes()

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """Give the folder itself; who writes into it does so whole or not at all.

        Raises:
            TcmrError: the output folder is gone: nobody wants results there any more.
        """
        if not self.path.is_dir():
            raise TcmrError(f"the output folder {self.path} is gone")
        yield self.path / name


@dataclass(frozen=True)
class RemoteOutput:
    """A folder in an object store. Nothing keeps two batches out of it."""

    place: RemotePlace

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Do nothing: stores have no locks."""
        yield

    def journal(self) -> RemoteJournal:
        """Return the lines of the manifest."""
        return RemoteJournal(self.place.within(MANIFEST_FILE))

    def is_taken(self, name: str) -> bool:
        """Return whether there is something of that name."""
        return self.place.within(name).exists()

    def is_finished(self, name: str) -> bool:
        """Return whether that folder holds a whole result."""
        return self.place.within(name).within(RESULT_FILE).exists()

    def result(self, name: str) -> bytes:
        """Return the `result.json` of that folder."""
        return self.place.within(name).within(RESULT_FILE).read()

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """Give a temporary folder and send its files when the context ends well, `result.json` last."""
        with TemporaryDirectory(prefix="tcmr-") as temporary:
            folder = Path(temporary) / name
            yield folder
            for path in sorted(folder.iterdir(), key=lambda path: path.name == RESULT_FILE):
                self.place.within(name).within(path.name).write(path)


def output_of(text: str) -> Output:
    """Return the output that a user names by a path or an address.

    Raises:
        TcmrError: there is no way to that kind of store.
    """
    return RemoteOutput(RemotePlace.of(text)) if is_address(text) else LocalOutput(LocalPlace.of(text).path)
