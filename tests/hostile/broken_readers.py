"""Readers with each of the faults that the campaign is to find: a surface for each."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .surface import Surface


def _endless(case: Path) -> None:
    while True:
        time.sleep(0.1)


def _greedy(case: Path) -> int:
    return len(bytearray(400 << 20))


def _swallowing(case: Path) -> None:
    try:
        os.system("true")
    except BaseException:
        return


FAULTS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "raises": (lambda case: {}["a"], "KeyError at"),
    "silent": (lambda case: (_ for _ in ()).throw(ValueError("")), "an error without a message"),
    "runs": (_swallowing, "Trespass at .*os.system"),
    "escapes": (lambda case: (case.parent / "escaped").write_text("x"), "Trespass at .*open"),
    "greedy": (_greedy, "took (399|4..) MB of memory"),
    "greedier": (lambda case: bytearray(4 << 30), "MemoryError at"),
    "dies": (lambda case: os.abort(), "the process died"),
    "endless": (_endless, "hung"),
}  # fmt: skip


def _after_the_sample(read: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """Read the sample without a fault, since the child begins with it."""
    return lambda case: None if (case / "file").read_bytes() == b"sample" else read(case)


SURFACES: dict[str, Callable[[Path], Surface]] = {
    name: lambda folder, name=name, read=read: Surface(  # type: ignore[misc]
        name, _after_the_sample(read), [{"file": b"sample"}], [{"file": b"attack"}], (ValueError,)
    )
    for name, (read, _) in FAULTS.items()
}
