"""Messages over a WebSocket to any number of clients; a slow one misses some and holds up nobody (extra `live`)."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

from tcmr.errors import TcmrError
from tcmr.live.address import Address

if TYPE_CHECKING:
    from websockets.asyncio.server import Server, ServerConnection
    from websockets.http11 import Request, Response

T = TypeVar("T")
WAITING_MESSAGES = 64  # for each client: two seconds at 30 fps
MOST_CLIENTS = 32
SINGLE_HEADERS = ("Host", "Origin", "Authorization")
LONGEST_REQUEST_BYTES = 1024  # clients have nothing to say
FAREWELL_S = 2.0  # for what is waiting when the run ends

# Clients that talk nonsense must not fill the terminal of whoever serves.
_NOBODY = logging.getLogger("tcmr.live.clients")
_NOBODY.propagate = False
_NOBODY.addHandler(logging.NullHandler())


class MessageServer:
    """Sends every message to all clients, from a thread of its own; `dropped` counts what clients missed.

    Whoever connects is told the first message first.
    """

    def __init__(self, address: Address) -> None:
        """Listen.

        Raises:
            TcmrError: the websockets package is missing, or the address cannot be had.
        """
        if find_spec("websockets") is None:
            raise TcmrError("serving takes the websockets package: pip install 'tcmr[live]'")
        self._address = address
        self._clients: set[_Client] = set()
        self._first: str | None = None
        self.dropped = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcmr-serve", daemon=True)
        self._thread.start()
        try:
            self._server: Server = self._run(self._listen()).result()
        except OSError as error:
            self._end_loop()
            raise TcmrError(
                f"cannot listen on {address.host}:{address.port} ({error.strerror or error}); choose another"
            ) from error
        self.port: int = next(iter(self._server.sockets)).getsockname()[1]

    @property
    def url(self) -> str:
        """Where clients connect to."""
        host = f"[{self._address.host}]" if ":" in self._address.host else self._address.host
        return f"ws://{host}:{self.port}/"

    def send(self, message: str) -> None:
        """Send a message to all clients; return at once."""
        self._loop.call_soon_threadsafe(self._publish, message)

    def close(self) -> None:
        """Send what is waiting, for a moment, and let the clients go."""
        self._run(self._farewell()).result()
        self._end_loop()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> "Server":
        from websockets.asyncio.server import serve

        return await serve(
            self._attend,
            self._address.host,
            self._address.port,
            process_request=self._check,
            max_size=LONGEST_REQUEST_BYTES,
            close_timeout=FAREWELL_S,
            logger=_NOBODY,
            compression=None,  # costs time for each client
            server_header=None,
        )

    def _check(self, connection: "ServerConnection", request: "Request") -> "Response | None":
        if any(len(request.headers.get_all(name)) > 1 for name in SINGLE_HEADERS):
            return connection.respond(HTTPStatus.BAD_REQUEST, "a header twice\n")
        try:
            admitted = self._address.admits(request.path, request.headers)
        except ValueError:  # a path that is none
            admitted = False
        if not admitted:
            return connection.respond(HTTPStatus.FORBIDDEN, "not for you: wrong token, or another site\n")
        if len(self._clients) >= MOST_CLIENTS:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "too many clients\n")
        return None

    async def _attend(self, connection: "ServerConnection") -> None:
        from websockets.exceptions import ConnectionClosed

        client = _Client()
        if self._first is not None:
            client.add(self._first)
        self._clients.add(client)
        sending = asyncio.create_task(client.send_all(connection))
        try:
            with suppress(ConnectionClosed):
                async for _ in connection:  # what clients say is not listened to
                    pass
        finally:
            sending.cancel()
            self._clients.discard(client)

    def _publish(self, message: str) -> None:
        self._first = self._first or message
        for client in self._clients:
            self.dropped += client.add(message)

    async def _farewell(self) -> None:
        waiting = [client.empty.wait() for client in self._clients]
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*waiting), FAREWELL_S)
        connections = list(self._server.connections)
        self._server.close()
        try:
            await asyncio.wait_for(asyncio.shield(self._server.wait_closed()), FAREWELL_S)
        except TimeoutError:
            for connection in connections:
                connection.transport.abort()
            await self._server.wait_closed()


class _Client:
    """One client's waiting messages."""

    def __init__(self) -> None:
        self.empty = asyncio.Event()
        self.empty.set()
        self._filled = asyncio.Event()
        self._messages: deque[str] = deque()

    def add(self, message: str) -> int:
        """Add a message; return how many had to go for it."""
        dropped = 0
        if len(self._messages) == WAITING_MESSAGES:
            self._messages.popleft()
            dropped = 1
        self._messages.append(message)
        self._filled.set()
        self.empty.clear()
        return dropped

    async def send_all(self, connection: "ServerConnection") -> None:
        """Send messages as fast as the client takes them, until it is gone."""
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                await self._filled.wait()
                while self._messages:
                    await connection.send(self._messages.popleft())
                self._filled.clear()
                self.empty.set()
        except ConnectionClosed:
            self.empty.set()
