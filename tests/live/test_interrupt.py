"""Ctrl-C while an item is worked on, and while waiting for one."""

import os
import signal
import time
from collections.abc import Iterator

from tcmr.live.interrupt import until_interrupted


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.01)


def test_without_ctrl_c_all_items_come():
    assert list(until_interrupted(range(5))) == list(range(5))


def test_an_item_that_is_worked_on_is_finished():
    done = []
    for item in until_interrupted(range(5)):
        if item == 2:
            press_ctrl_c()
        done.append(item)
    assert done == [0, 1, 2]


def test_waiting_for_an_item_ends_at_once():
    def slow() -> Iterator[int]:
        yield 1
        press_ctrl_c()
        raise AssertionError("went on waiting")

    assert list(until_interrupted(slow())) == [1]


def test_afterwards_ctrl_c_is_what_it_was():
    before = signal.getsignal(signal.SIGINT)
    list(until_interrupted(range(2)))
    assert signal.getsignal(signal.SIGINT) == before
