"""Workers that are processes of this machine."""

import multiprocessing
import os
import signal
import socket
import threading
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from tcmr.batch.crew import Dead, Message, Ready, Unable
from tcmr.batch.events import Planned
from tcmr.batch.worker import Preparation, attempt
from tcmr.errors import TcmrError

_CONTEXT = multiprocessing.get_context("spawn")  # threads and networks do not survive a fork


class LocalCrew:
    """Processes, each with models of its own, which end with the process that started them."""

    def __init__(self, prepare: Preparation, size: int):
        """Take what the workers load and how many there are to be."""
        self.size = size
        self._prepare = prepare
        self._workers: dict[Connection, SpawnProcess] = {}

    def start(self) -> None:
        """Start one more worker."""
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=_serve, args=(self._prepare, theirs), daemon=True)
        process.start()
        theirs.close()
        self._workers[ours] = process

    def give(self, worker: str, task: Planned) -> None:
        """Have a worker do a video."""
        connection = next(each for each in self._workers if self._name(each) == worker)
        try:
            connection.send(task)
        except OSError:
            return  # it is dead, as `messages` will find

    def messages(self) -> list[tuple[str, Message]]:
        """Wait until workers have something to report."""
        ready = wait(list(self._workers))
        return [self._heard(connection) for connection in list(self._workers) if connection in ready]

    def stop(self) -> None:
        """End all workers at once."""
        for connection, process in self._workers.items():
            process.kill()
            process.join()
            connection.close()
        self._workers.clear()

    def _heard(self, connection: Connection) -> tuple[str, Message]:
        name = self._name(connection)
        try:
            return name, connection.recv()
        except (EOFError, OSError):
            process = self._workers.pop(connection)
            connection.close()
            process.join()
            return name, Dead(_reason(process.exitcode or 0))

    def _name(self, connection: Connection) -> str:
        return f"{socket.gethostname()} process {self._workers[connection].pid}"


def _reason(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit code {exit_code}"
    hint = ", out of memory?" if -exit_code == signal.SIGKILL else ""
    return f"{signal.Signals(-exit_code).name}{hint}"


def _serve(prepare: Preparation, connection: Connection) -> None:
    """Load the models, then do what is asked for until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches everybody; the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        work = prepare()
    except TcmrError as error:
        connection.send(Unable(str(error)))
        return
    connection.send(Ready())
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(attempt(work, task))


def _end_with_parent() -> None:
    """End this process when its parent has ended, however that came about: nobody wants the work any more."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
