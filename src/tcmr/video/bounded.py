"""A bounded queue between what cannot wait and what takes its time."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
LOOK_S = 0.1  # how often a waiting thread looks whether it shall stop


class BoundedQueue(Generic[T]):
    """Items from one thread to another, `size` of them at most; both sides end when `stop` is set.

    `dropped` counts the items that had to go because there was no room.
    """

    def __init__(self, size: int, stop: threading.Event) -> None:
        self.dropped = 0
        self._size, self._stop = size, stop
        self._items: deque[T] = deque()
        self._change = threading.Condition()
        self._closed = False
        self._error: BaseException | None = None

    def put(self, item: T, *, drop: bool) -> None:
        """Add an item; where there is no room, drop the oldest, or wait."""
        with self._change:
            while len(self._items) >= self._size and not self._stop.is_set():
                if drop:
                    self._items.popleft()
                    self.dropped += 1
                else:
                    self._change.wait(LOOK_S)
            self._items.append(item)
            self._change.notify_all()

    def close(self, error: BaseException | None = None) -> None:
        """End the queue: nothing more will come, for the reason of an error where there is one."""
        with self._change:
            self._closed, self._error = True, error
            self._change.notify_all()

    def __iter__(self) -> Iterator[T]:
        """Yield items as they come, until the queue is closed or `stop` is set; raise what closed it."""
        while not self._stop.is_set():
            with self._change:
                if self._items:
                    item = self._items.popleft()
                    self._change.notify_all()
                elif not self._closed:
                    self._change.wait(LOOK_S)
                    continue
                elif self._error is not None:
                    raise self._error
                else:
                    return
            yield item
