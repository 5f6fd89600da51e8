import threading
import time
from collections.abc import Callable, Generator

import pytest

from tcmr.video.prefetch import prefetched


def _count(made: list[int], closed: list[bool]) -> Generator[int]:
    try:
        for number in range(100):
            made.append(number)
            yield number
    finally:
        closed.append(True)


def _is_running() -> bool:
    return any(thread.name == "tcmr-prefetch" for thread in threading.enumerate())


def test_order_is_kept_and_the_lead_is_bounded() -> None:
    made: list[int] = []
    closed: list[bool] = []
    for number in prefetched(_count(made, closed), 4):
        assert number == 0 or made[number] == number
        if number % 10 == 0:
            time.sleep(0.01)
        assert len(made) <= number + 1 + 4
    assert made == list(range(100))
    assert closed == [True]
    assert not _is_running()


def test_without_a_lead_there_is_no_thread() -> None:
    made: list[int] = []
    closed: list[bool] = []
    for number in prefetched(_count(made, closed), 0):
        assert len(made) == number + 1
        assert not _is_running()
    assert closed == [True]


def _wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not done() and time.monotonic() < deadline:
        time.sleep(0.001)


def test_it_works_ahead() -> None:
    made: list[int] = []
    items = prefetched(_count(made, []), 4)
    next(items)
    _wait_until(lambda: len(made) == 5)
    assert len(made) == 5
    items.close()


def test_nothing_is_made_while_it_is_the_turn_of_another() -> None:
    made: list[int] = []
    turn = threading.Semaphore(1)
    items = prefetched(_count(made, []), 4, turn)
    with turn:
        waiting = threading.Thread(target=next, args=(items,))
        waiting.start()
        time.sleep(0.05)
        assert made == []
    waiting.join()
    _wait_until(lambda: len(made) == 5)
    with turn:
        assert [number for _, number in zip(range(4), items, strict=False)] == [1, 2, 3, 4]
        time.sleep(0.05)
        assert made == [0, 1, 2, 3, 4]
    items.close()


def test_closing_stops_the_thread_and_the_source() -> None:
    closed: list[bool] = []
    items = prefetched(_count([], closed), 2)
    next(items)
    assert _is_running()
    items.close()
    assert not _is_running()
    assert closed == [True]


def test_an_error_comes_after_the_items_before_it() -> None:
    def failing() -> Generator[int]:
        yield 1
        yield 2
        raise OSError("disk gone")

    items = prefetched(failing(), 4)
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(OSError, match="disk gone"):
        next(items)
    assert not _is_running()
