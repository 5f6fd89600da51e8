"""What is planned, done and failed, and why: the memory of a batch."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from tcmr.batch.events import Done, Event, Planned, event_of, line_of
from tcmr.errors import TcmrError

MANIFEST_FILE = "manifest.jsonl"


@runtime_checkable
class Journal(Protocol):
    """Lines that are kept."""

    def read(self) -> list[str]:
        """Return all lines."""

    def append(self, lines: list[str]) -> None:
        """Add lines."""

    def close(self) -> None:
        """Write what is not yet written."""


class Manifest:
    """The events of a batch, in the order in which they came.

    `hashes` has each video's latest stamp and SHA-256, `folder` the folder that was last planned for an id,
    `owner` the id that a folder (in lower case: some file systems know no other) was last planned for, and
    `last` what last happened to an id after it was planned.
    """

    def __init__(self, journal: Journal, name: str):
        """Read what was written so far.

        Raises:
            TcmrError: it is damaged; the message names the line.
        """
        self._journal = journal
        self.hashes: dict[str, tuple[str | None, str | None]] = {}
        self.folder: dict[str, str] = {}
        self.owner: dict[str, str] = {}
        self.last: dict[str, Event] = {}
        for number, line in enumerate(journal.read(), 1):
            try:
                self._take(event_of(line))
            except TcmrError as error:
                raise TcmrError(f"{name}, line {number}: {error}; mend or delete that line") from error

    def add(self, events: Iterable[Event]) -> None:
        """Write events down.

        Raises:
            TcmrError: they cannot be written.
        """
        events = list(events)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        if events:
            self._journal.append([line_of(event, now) for event in events])
        for event in events:
            self._take(event)

    def knows(self, task: Planned) -> bool:
        """Return whether that plan is written down and holds."""
        return (
            self.folder.get(task.id) == task.folder
            and self.owner.get(task.folder.casefold()) == task.id
            and self.hashes.get(task.video) == (task.stamp, task.sha256)
        )

    def is_done(self, id: str) -> bool:
        """Return whether the last that happened is that the result was written."""
        return isinstance(self.last.get(id), Done)

    def close(self) -> None:
        """Write what is not yet written."""
        self._journal.close()

    def _take(self, event: Event) -> None:
        if isinstance(event, Planned):
            self.hashes[event.video] = (event.stamp, event.sha256)
            self.folder[event.id] = event.folder
            self.owner[event.folder.casefold()] = event.id
        else:
            self.last[event.id] = event
