"""The stages of a run: threads for them, how long each takes, and how far it is.

Progress is a bar on a terminal, plain lines elsewhere.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")
PLAIN_EVERY_S = 10.0


@dataclass
class Stages:
    """How the stages of one run work, with a stopwatch for each.

    `show` prints progress; without it nothing is printed. `threads` is how many they share; with one, they work
    one after the other. `seconds` adds up each stage's time, in the order in which stages first ran; as they
    overlap, it may come to more than the whole run's.

    What works ahead enters `turn`: all threads but one do so at a time, and one is left for what cannot begin earlier.
    """

    show: bool = False
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    seconds: dict[str, float] = field(default_factory=dict)
    console: Console = field(default_factory=lambda: Console(stderr=True))

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.turn = threading.Semaphore(max(1, self.threads - 1))

    def ahead(self, depth: int) -> int:
        """Return how far a stage may run ahead of the next: `depth`, or 0 where they work one after the other."""
        return depth if self.threads > 1 else 0

    @contextmanager
    def workers(self) -> Iterator[Callable[..., list[Any]]]:
        """Yield a `map` whose calls share the threads; torch uses one in each."""
        if self.threads == 1:
            yield lambda call, *items: list(map(call, *items))
            return
        with ThreadPoolExecutor(self.threads, "tcmr", torch.set_num_threads, (1,)) as pool:
            yield lambda call, *items: list((map if len(items[0]) == 1 else pool.map)(call, *items))

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the time that a block takes to a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
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
