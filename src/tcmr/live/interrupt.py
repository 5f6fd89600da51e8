"""Ctrl-C, and SIGTERM as services are ended with, as the end of a stream and not of the program."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], None]


@contextmanager
def setting(stop: threading.Event) -> Iterator[None]:
    """Have both set an event, as often as they come."""

    def note(number: int, frame: FrameType | None) -> None:
        stop.set()

    with _handling(note):
        yield


@contextmanager
def breaking_off() -> Iterator[None]:
    """Have both raise KeyboardInterrupt."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handling(give_up):
        yield


@contextmanager
def _handling(handler: Handler) -> Iterator[None]:
    """Handle both signals; they only ever come to the main thread, elsewhere nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
