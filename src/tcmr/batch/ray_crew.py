"""Workers that are actors of a Ray cluster."""

import logging
import socket
from typing import Any

from tcmr.batch.crew import Dead, Message, Ready, Unable
from tcmr.batch.events import Outcome, Planned
from tcmr.batch.worker import Preparation, Work, attempt
from tcmr.errors import TcmrError

CONNECT_S = 10.0


class RayCrew:
    """Actors, each with models of its own, wherever the cluster has room: a core and, where wanted, a GPU each."""

    def __init__(self, prepare: Preparation, address: str, size: int | None, *, gpu: bool = False):
        """Join a cluster; without a size there are as many workers as it has cores, or GPUs.

        Raises:
            TcmrError: Ray is not installed, or there is no cluster.
        """
        self._ray = _joined(address)
        self._prepare = prepare
        self._actor = self._ray.remote(_Actor).options(num_cpus=1, num_gpus=int(gpu))
        self.size = size or max(1, int(self._ray.cluster_resources().get("GPU" if gpu else "CPU", 1)))
        self._actors: dict[str, Any] = {}
        self._pending: dict[Any, str] = {}
        self._started = 0

    def start(self) -> None:
        """Start one more worker."""
        self._started += 1
        name = f"ray worker {self._started}"
        actor = self._actor.remote()
        self._actors[name] = actor
        self._pending[actor.load.remote(self._prepare)] = name

    def give(self, worker: str, task: Planned) -> None:
        """Have a worker do a video."""
        self._pending[self._actors[worker].attempt.remote(task)] = worker

    def messages(self) -> list[tuple[str, Message]]:
        """Wait until workers have something to report."""
        finished, _ = self._ray.wait(list(self._pending), num_returns=1)
        return [(self._pending[each], self._message(each)) for each in finished]

    def stop(self) -> None:
        """End all workers at once and leave the cluster."""
        for actor in self._actors.values():
            self._ray.kill(actor)
        self._ray.shutdown()

    def _message(self, finished: Any) -> Message:
        name = self._pending.pop(finished)
        try:
            message: Message = self._ray.get(finished)
        except self._ray.exceptions.RayActorError as error:
            # It may only be out of reach; two are never to do the same video.
            self._ray.kill(self._actors.pop(name))
            return Dead(str(error).splitlines()[0])
        return message


class _Actor:
    """A worker; Ray calls its methods one at a time."""

    def load(self, prepare: Preparation) -> Ready | Unable:
        """Load the models."""
        try:
            self._work: Work = prepare()
        except TcmrError as error:
            return Unable(f"{socket.gethostname()}: {error}")
        return Ready()

    def attempt(self, task: Planned) -> Outcome:
        """Do a video."""
        return attempt(self._work, task)


def _joined(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise TcmrError("a cluster needs Ray: pip install 'tcmr[cluster]'") from error
    try:
        _probe(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        raise TcmrError(f"there is no Ray cluster at {address!r} ({str(error).splitlines()[0]})") from error
    return ray


def _probe(address: str) -> None:
    """Raise an OSError where nobody listens: Ray itself would go on trying for minutes."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=CONNECT_S).close()
