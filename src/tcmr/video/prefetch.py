"""Work ahead in a thread, a bounded number of steps."""

import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, closing, nullcontext
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = nullcontext()  # the turn of what need not wait


class _End:
    """What the thread sends last: the error that stopped it, or None."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def prefetched(
    items: Generator[T], depth: int, turn: AbstractContextManager[object] = AT_ONCE
) -> Generator[T]:
    """Yield the items, made by a background thread that is at most `depth` items ahead; 0: without a thread.

    An error of the thread is raised here, after the items before it. Closing the iterator stops the thread
    and waits for it. The thread enters `turn` for each item, which may make it wait.
    """
    if depth == 0:
        with closing(items):
            yield from items
        return
    ready: SimpleQueue[T | _End] = SimpleQueue()
    room = threading.Semaphore(depth)
    stopped = threading.Event()

    def work() -> None:
        try:
            while room.acquire() and not stopped.is_set():
                with turn:
                    item = next(items, _End(None))
                ready.put(item)
                if isinstance(item, _End):
                    break
        except BaseException as error:
            ready.put(_End(error))
        finally:
            items.close()

    thread = threading.Thread(target=work, name="tcmr-prefetch", daemon=True)
    thread.start()
    try:
        while not isinstance(item := ready.get(), _End):
            room.release()
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        room.release()
        thread.join()
