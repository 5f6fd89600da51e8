"""Handing out videos to workers that may die at any moment."""

from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from tcmr.batch.events import Done, Event, Failed, Outcome, Planned, Started
from tcmr.errors import TcmrError

DEATHS_OF_A_VIDEO = 2
DEATHS_WHILE_LOADING = 3


@dataclass(frozen=True)
class Ready:
    """A worker has loaded the models."""


@dataclass(frozen=True)
class Unable:
    """A worker cannot load the models; no other could."""

    reason: str


@dataclass(frozen=True)
class Dead:
    """A worker is no more."""

    reason: str


Message = Ready | Unable | Dead | Outcome


@runtime_checkable
class Crew(Protocol):
    """Workers somewhere, each known by its name; `size` is how many there are to be."""

    size: int

    def start(self) -> None:
        """Start one more worker, which reports when it has loaded the models."""

    def give(self, worker: str, task: Planned) -> None:
        """Have a worker do a video; it reports the outcome."""

    def messages(self) -> list[tuple[str, Message]]:
        """Wait until workers have something to report."""

    def stop(self) -> None:
        """End all workers at once."""


def work_off(tasks: Sequence[Planned], crew: Crew) -> Generator[Event]:
    """Have a crew do videos in order; yield what happens.

    The first worker loads the models alone, so that outside files are fetched once and what is wrong with
    them is said once. A dead worker's video goes to another worker, unless it has killed several.

    Raises:
        TcmrError: the models cannot be loaded.
    """
    foreman = _Foreman(crew, deque(tasks))
    try:
        if tasks:
            crew.start()
        while foreman.waiting or foreman.busy:
            for worker, message in crew.messages():
                yield from foreman.hear(worker, message)
            yield from foreman.hand_out()
    finally:
        crew.stop()


@dataclass
class _Foreman:
    """Knows who does what."""

    crew: Crew
    waiting: deque[Planned]
    busy: dict[str, Planned] = field(default_factory=dict)
    idle: list[str] = field(default_factory=list)
    deaths: Counter[str] = field(default_factory=Counter)
    deaths_while_loading: int = 0
    all_started: bool = False

    def hear(self, worker: str, message: Message) -> Iterator[Event]:
        """Take note of a message."""
        match message:
            case Done() | Failed():
                del self.busy[worker]
                self.idle.append(worker)
                yield message
            case Ready():
                self.deaths_while_loading = 0
                self.idle.append(worker)
                self._start_others()
            case Unable(reason):
                raise TcmrError(reason)
            case Dead(reason):
                yield from self._replace(worker, reason)

    def hand_out(self) -> Iterator[Event]:
        """Give the next videos to whoever is idle."""
        while self.waiting and self.idle:
            worker, task = self.idle.pop(0), self.waiting.popleft()
            self.busy[worker] = task
            yield Started(task.id, worker)
            self.crew.give(worker, task)

    def _start_others(self) -> None:
        if not self.all_started:
            self.all_started = True
            for _ in range(min(self.crew.size, len(self.waiting)) - 1):
                self.crew.start()

    def _replace(self, worker: str, reason: str) -> Iterator[Event]:
        task = self.busy.pop(worker, None)
        if task is not None:
            yield from self._give_back(task, reason)
        elif worker in self.idle:
            self.idle.remove(worker)
        else:
            self.deaths_while_loading += 1
            if self.deaths_while_loading >= DEATHS_WHILE_LOADING:
                raise TcmrError(f"workers die while they load the models ({reason}); try fewer --processes")
        self.crew.start()

    def _give_back(self, task: Planned, reason: str) -> Iterator[Event]:
        self.deaths[task.id] += 1
        if self.deaths[task.id] < DEATHS_OF_A_VIDEO:
            self.waiting.appendleft(task)
        else:
            yield Failed(task.id, f"{task.video}: {DEATHS_OF_A_VIDEO} workers died of it ({reason})")
