"""Files and folders, on this machine or in an object store that is named by its address (`s3://...`)."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, runtime_checkable

from tcmr.batch.local_place import LocalPlace
from tcmr.batch.remote_place import RemotePlace
from tcmr.errors import TcmrError


@runtime_checkable
class Place(Protocol):
    """A file or folder that videos are read from."""

    @property
    def name(self) -> str:
        """Return the absolute path, or the address."""

    def exists(self) -> bool:
        """Return whether there is such a file or folder."""

    def is_folder(self) -> bool:
        """Return whether it is a folder."""

    def folder(self) -> "Place":
        """Return the folder that it lies in."""

    def within(self, text: str) -> "Place":
        """Return what a path means that is relative to this folder."""

    def files(self) -> Iterable["Place"]:
        """Return all files below a folder, hidden ones left out."""

    def matches(self) -> Iterable["Place"]:
        """Return what the name means as a pattern (`*`, `?`, `[...]`, `**`)."""

    def pieces(self) -> Iterator[bytes]:
        """Yield a file's content, piece by piece."""

    def stamp(self) -> str:
        """Return something of a file that changes with its content and can be had without reading it."""

    def here(self) -> AbstractContextManager[Path]:
        """Give a path on this machine, a copy where need be, for as long as the context lasts."""


def is_address(text: str) -> bool:
    """Return whether a text names something in an object store.

    >>> is_address("s3://bucket/videos"), is_address("/videos/one.mp4")
    (True, False)
    """
    return "://" in text


def place_of(text: str) -> Place:
    """Return the place that a user names by a path or an address.

    Raises:
        TcmrError: it is empty, or there is no way to that kind of store.
    """
    if not text:
        raise TcmrError("a file or folder is named '', which is empty; the current folder is '.'")
    return RemotePlace.of(text) if is_address(text) else LocalPlace.of(text)
