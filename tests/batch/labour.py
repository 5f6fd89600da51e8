"""Work that costs nothing, for crews: what a video's name says is what happens to it."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tcmr.batch.events import Done, Failed, Planned, Started
from tcmr.batch.worker import Work
from tcmr.errors import TcmrError


@dataclass(frozen=True)
class Labour:
    """Work whose traces are files in a folder."""

    folder: str

    def __call__(self) -> Work:
        (Path(self.folder) / f"loaded-{os.getpid()}").touch()
        return self.do

    def do(self, task: Planned) -> Done:
        began = Path(self.folder) / f"began-{task.video}"
        is_first = not began.exists()
        began.write_text(str(os.getpid()))
        if task.video == "kills everybody" or (task.video == "kills one" and is_first):
            os.kill(os.getpid(), signal.SIGKILL)
        if task.video == "bad":
            raise TcmrError("bad: is no video")
        if task.video == "mistake":
            raise ZeroDivisionError("of ours")
        if task.video == "endless" or (task.video == "hangs once" and is_first):
            time.sleep(600)
        (Path(self.folder) / f"done-{task.video}").touch()
        return Done(task.id, frames=os.getpid(), persons=1, seconds=0.0)


class Unwilling:
    """Work that cannot be begun."""

    def __call__(self) -> Work:
        raise TcmrError("the weights are missing")


class Doomed:
    """Work that is killed while it is prepared."""

    def __call__(self) -> Work:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def task(video: str) -> Planned:
    return Planned(id=f"id of {video}", video=video, folder=video, sha256=None, stamp=None)


def outcomes(events: list) -> dict[str, Done | Failed]:
    return {event.id.removeprefix("id of "): event for event in events if not isinstance(event, Started)}


def wait_until(true: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
