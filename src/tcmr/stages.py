"""How long each stage takes, and how far it is: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")
PLAIN_EVERY_S = 10.0


@dataclass
class Stages:
    """A stopwatch for the stages of one run.

    `show` prints progress; without it nothing is printed. `seconds` adds up each stage's time, in the order
    in which stages first ran.
    """

    show: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    console: Console = field(default_factory=lambda: Console(stderr=True))

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the time that a block takes to a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def timing(self, name: str, call: Callable[..., Any]) -> "TimedCall":
        """Return `call` with its time added to a stage; its attributes can still be reached."""
        return TimedCall(self, name, call)

    def waiting(self, name: str, items: Iterable[T]) -> Iterator[T]:
        """Yield items; the time it takes to get each counts for a stage."""
        iterator = iter(items)
        while True:
            with self.timed(name):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item

    def progress(
        self, label: str, items: Iterable[T], total: int | None, unit: str = "frames"
    ) -> Iterator[T]:
        """Yield items and show how many have gone by."""
        if not self.show:
            yield from items
        elif self.console.is_terminal:
            yield from self._bar(label, items, total)
        else:
            yield from self._lines(label, items, total, unit)

    def _bar(self, label: str, items: Iterable[T], total: int | None) -> Iterator[T]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.console, transient=True) as bar:
            yield from bar.track(items, total=total, description=label)

    def _lines(self, label: str, items: Iterable[T], total: int | None, unit: str) -> Iterator[T]:
        said = time.monotonic()
        for count, item in enumerate(items):
            yield item
            if time.monotonic() - said > PLAIN_EVERY_S:
                said = time.monotonic()
                self.console.print(f"{label}: {count + 1} of {total or 'unknown'} {unit}")


class TimedCall:
    """A callable whose time is added up."""

    def __init__(self, stages: Stages, name: str, call: Callable[..., Any]):
        self._stages, self._name, self._call = stages, name, call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make the call against the clock."""
        with self._stages.timed(self._name):
            return self._call(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)
