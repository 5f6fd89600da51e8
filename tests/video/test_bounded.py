"""Between a fast thread and a slow one: bounded, in order, nothing lost unseen."""

import threading
import time

import pytest

from tcmr.video.bounded import BoundedQueue

COUNT, SIZE = 50, 4


def filled(drop: bool, error: Exception | None = None) -> BoundedQueue[int]:
    """Return a queue into which a thread puts the numbers as fast as it may."""
    queue = BoundedQueue[int](SIZE, threading.Event())

    def fill() -> None:
        for number in range(COUNT):
            queue.put(number, drop=drop)
        queue.close(error)

    threading.Thread(target=fill, daemon=True).start()
    return queue


def test_who_waits_loses_nothing():
    queue, found = filled(drop=False), []
    for number in queue:
        time.sleep(0.001)
        found.append(number)
    assert found == list(range(COUNT))
    assert queue.dropped == 0


def test_who_does_not_wait_drops_the_oldest_and_counts_them():
    queue = filled(drop=True)
    time.sleep(0.2)
    assert list(queue) == list(range(COUNT - SIZE, COUNT))
    assert queue.dropped == COUNT - SIZE


def test_an_error_comes_after_the_items_before_it():
    items = iter(filled(drop=False, error=ValueError("broken")))
    assert [next(items) for _ in range(COUNT)] == list(range(COUNT))
    with pytest.raises(ValueError, match="broken"):
        next(items)


def test_stop_ends_both_sides():
    stop = threading.Event()
    queue = BoundedQueue[int](1, stop)
    queue.put(0, drop=False)
    waiting = threading.Thread(target=queue.put, args=(1,), kwargs={"drop": False})
    waiting.start()
    stop.set()
    waiting.join(5)
    assert not waiting.is_alive()
    assert list(queue) == []
    assert queue.dropped == 0
