"""Ctrl-C as the end of a stream, not of the program."""

import signal
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


def until_interrupted(items: Iterable[T]) -> Iterator[T]:
    """Yield items until Ctrl-C. What is being done with an item is finished first; waiting for one is not."""
    iterator = iter(items)
    waiting = interrupted = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        if waiting:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        while not interrupted:
            try:
                waiting = True
                item = next(iterator)
                waiting = False
            except (StopIteration, KeyboardInterrupt):
                return
            yield item
    finally:
        signal.signal(signal.SIGINT, before)
