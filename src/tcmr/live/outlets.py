"""Where messages go while a run goes on: standard output, a WebSocket."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tcmr.live.address import Address
from tcmr.live.choices import LiveOptions
from tcmr.live.server import MessageServer

Tell = Callable[[str], None]
TOKEN_VARIABLE = "TCMR_TOKEN"


@contextmanager
def outlets(choices: LiveOptions, stop: threading.Event) -> Iterator[list[Tell]]:
    """Open what messages are sent to; at the end, say how many clients of the WebSocket missed.

    Raises:
        TcmrError: the WebSocket cannot be served.
    """
    tells: list[Tell] = []
    with ExitStack() as stack:
        if choices.serve is not None:
            token = os.environ.get(TOKEN_VARIABLE) if choices.token is None else choices.token
            server = MessageServer(Address.parse(choices.serve, token))
            stack.callback(say_what_was_missed, server)
            stack.callback(server.close)
            print(f"tcmr: serving at {server.url}", file=sys.stderr, flush=True)
            tells.append(server.send)
        if choices.emit is not None:
            tells.append(Lines(stop))
        yield tells


def say_what_was_missed(server: MessageServer) -> None:
    """Print how many messages did not get through to slow clients."""
    if server.dropped:
        print(f"tcmr: {server.dropped} message(s) dropped for slow clients", file=sys.stderr)


class Lines:
    """Messages as lines of standard output; when nobody reads them any more, the run shall stop."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._broken = False

    def __call__(self, message: str) -> None:
        """Write a line."""
        if self._broken:
            return
        try:
            print(message, flush=True)
        except BrokenPipeError:
            self._broken = True
            self._stop.set()
            # What is left in the buffer goes nowhere, rather than failing when the program ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
