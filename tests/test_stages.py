"""The stopwatch and the progress of a run."""

import io
import threading
import time

import pytest
from rich.console import Console

from tcmr import stages as stages_module
from tcmr.stages import Stages


def test_a_stage_adds_up_its_time_in_the_order_of_first_runs():
    stages = Stages()
    for _ in range(2):
        with stages.timed("slow"):
            time.sleep(0.02)
        with stages.timed("fast"):
            pass
    assert list(stages.seconds) == ["slow", "fast"]
    assert stages.seconds["slow"] >= 0.04
    assert 0 <= stages.seconds["fast"] < stages.seconds["slow"]


def test_time_before_an_error_counts():
    def fail() -> None:
        time.sleep(0.01)
        raise KeyError

    stages = Stages()
    with pytest.raises(KeyError):
        stages.timing("failing", fail)()
    assert stages.seconds["failing"] >= 0.01


def test_a_timed_call_is_the_call_with_its_attributes():
    class Detector:
        kind = "slow"

        def __call__(self, a: int, *, b: int) -> int:
            time.sleep(0.01)
            return a + b

    stages = Stages()
    timed = stages.timing("detect", Detector())
    assert timed(1, b=2) + timed(3, b=4) == 10
    assert timed.kind == "slow"
    assert stages.seconds["detect"] >= 0.02
    with pytest.raises(AttributeError):
        _ = timed.unknown


def test_waiting_counts_what_the_source_takes_not_what_is_done_with_its_items():
    def source():
        for item in range(3):
            time.sleep(0.01)
            yield item

    stages, items = Stages(), []
    for item in stages.waiting("decode", source()):
        time.sleep(0.05)
        items.append(item)
    assert items == [0, 1, 2]
    assert 0.03 <= stages.seconds["decode"] < 0.15


def said(show: bool, terminal: bool, total: int | None) -> str:
    screen = io.StringIO()
    stages = Stages(show=show, console=Console(file=screen, force_terminal=terminal, width=100))
    assert list(stages.progress("finding people", iter("abc"), total)) == ["a", "b", "c"]
    return screen.getvalue()


def test_without_show_nothing_is_said():
    assert said(show=False, terminal=True, total=3) == ""


def test_off_a_terminal_plain_lines_are_said(monkeypatch):
    monkeypatch.setattr(stages_module, "PLAIN_EVERY_S", -1.0)
    assert said(show=True, terminal=False, total=3).splitlines() == [
        "finding people: 1 of 3 frames",
        "finding people: 2 of 3 frames",
        "finding people: 3 of 3 frames",
    ]
    assert "1 of unknown frames" in said(show=True, terminal=False, total=None)


def test_plain_lines_are_rare():
    assert said(show=True, terminal=False, total=3) == ""


def test_on_a_terminal_there_is_a_bar():
    assert "finding people" in said(show=True, terminal=True, total=3)


@pytest.mark.parametrize("threads", [1, 3])
def test_workers_map_in_order(threads):
    with Stages(threads=threads).workers() as mapped:
        assert mapped(pow, [2, 3, 4], [3, 2, 1]) == [8, 9, 4]
        assert mapped(pow, [], []) == []
        names = mapped(lambda _: threading.current_thread().name, range(9))
    assert all(name.startswith("tcmr") == (threads > 1) for name in names)


def test_one_thread_runs_nothing_ahead():
    assert Stages(threads=1).ahead(4) == 0
    assert Stages(threads=2).ahead(4) == 4


def test_no_time_is_lost_between_threads():
    stages = Stages(threads=4)

    def work(_: int) -> None:
        for _ in range(300):
            with stages.timed("work"):
                pass

    with stages.workers() as mapped:
        began = time.perf_counter()
        mapped(work, range(4))
    assert 0 < stages.seconds["work"] <= 4 * (time.perf_counter() - began)
