"""What happens to videos: the lines of a manifest, and what workers report."""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_type_hints

from tcmr.errors import TcmrError
from tcmr.files import can_be_a_name, parse_json


@dataclass(frozen=True)
class Planned:
    """A video that is to be done, and the folder for its result.

    `id` stands for its content and the options: inputs with the same id are done once. `stamp` shows that
    the file has not changed since it was hashed; both are None for one that could not be read. `choices`
    are the options that hold for this video alone.
    """

    id: str
    video: str
    folder: str
    sha256: str | None
    stamp: str | None
    choices: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Started:
    """A worker has begun."""

    id: str
    worker: str


@dataclass(frozen=True)
class Done:
    """The result is there, whole."""

    id: str
    frames: int
    persons: int
    seconds: float


@dataclass(frozen=True)
class Failed:
    """There is no result, and why; `traceback` where it is a mistake of ours."""

    id: str
    error: str
    traceback: str = ""


Event = Planned | Started | Done | Failed
Outcome = Done | Failed

_KINDS: dict[str, type[Any]] = {"planned": Planned, "started": Started, "done": Done, "failed": Failed}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def line_of(event: Event, time: str) -> str:
    """Return an event as a line of JSON; the time is for people, nothing is decided by it."""
    return json.dumps({"event": _NAMES[type(event)], "time": time, **asdict(event)})


def event_of(line: str) -> Event:
    """Return the event that a line tells of.

    Raises:
        TcmrError: it is none that `line_of` makes.
    """
    try:
        values = parse_json(line)
        kind = _KINDS[values["event"]]
        event: Event = kind(**{entry.name: values[entry.name] for entry in fields(kind)})
    except (ValueError, KeyError, TypeError) as error:
        raise TcmrError(f"is no line of a manifest ({type(error).__name__}: {error})") from error
    _check(event)
    return event


def _check(event: Event) -> None:
    """Make sure of the types, and that a folder is one name: a manifest may come from anywhere."""
    for name, kind in get_type_hints(type(event)).items():
        value = getattr(event, name)
        if kind == dict[str, str]:
            right = isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
        elif kind is float:
            right = isinstance(value, int | float) and not isinstance(value, bool)
        else:
            right = isinstance(value, kind) and not isinstance(value, bool)
        if not right:
            raise TcmrError(f"has {value!r} for {name}")
    if isinstance(event, Planned) and not is_folder_name(event.folder):
        raise TcmrError(f"has {event.folder!r} for a folder, which would lie outside")


def is_folder_name(name: str) -> bool:
    """Return whether a name stays within the folder that it is put into."""
    return can_be_a_name(name) and name.strip(". ") != "" and not any(mark in name for mark in "/\\:")
