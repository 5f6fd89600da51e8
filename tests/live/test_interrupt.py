"""Ctrl-C and SIGTERM while a run goes on, and while it ends."""

import os
import signal
import threading
import time

import pytest

from tcmr.live.interrupt import breaking_off, setting

BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


def send(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(0.01)


@BOTH
def test_it_sets_the_event_as_often_as_it_comes(number):
    stop = threading.Event()
    with setting(stop):
        assert not stop.is_set()
        send(number)
        assert stop.is_set()
        send(number)


@BOTH
def test_it_breaks_off(number):
    with breaking_off(), pytest.raises(KeyboardInterrupt):
        send(number)


def test_afterwards_both_are_what_they_were():
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    with setting(threading.Event()), breaking_off():
        pass
    assert [signal.getsignal(number) for number in numbers] == before


def test_outside_the_main_thread_nothing_is_changed():
    before, seen = signal.getsignal(signal.SIGINT), []

    def look() -> None:
        with setting(threading.Event()):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
