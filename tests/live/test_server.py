"""Messages to real clients: in order, to all; the slow miss some and hold up nobody."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tcmr.errors import TcmrError
from tcmr.live import server
from tcmr.live.address import Address
from tcmr.live.server import MessageServer


@pytest.fixture
def served() -> Iterator[MessageServer]:
    messages = MessageServer(Address("127.0.0.1", 0))
    yield messages
    messages.close()


def everything(client: ClientConnection) -> list[str]:
    """Return what comes until the server lets go."""
    return [str(message) for message in client]


def test_all_clients_get_everything_in_order_and_the_first_message_first():
    messages = MessageServer(Address("127.0.0.1", 0))
    with connect(messages.url) as early:
        messages.send("start")
        assert early.recv(5) == "start"
        with connect(messages.url) as late:
            assert late.recv(5) == "start"
            for number in range(50):
                messages.send(str(number))
            messages.close()
            assert everything(early) == everything(late) == [str(number) for number in range(50)]
    assert messages.dropped == 0


def test_a_slow_client_misses_the_oldest_and_holds_up_nobody(served):
    big = "x" * 100_000
    with connect(served.url, max_queue=1, compression=None) as slow, connect(served.url) as quick:
        served.send("start")
        assert (slow.recv(5), quick.recv(5)) == ("start", "start")
        began = time.monotonic()
        for number in range(400):
            served.send(f"{number} {big}")
            assert str(quick.recv(5)).startswith(f"{number} ")
        assert time.monotonic() - began < 20
        assert served.dropped > 100
        numbers = []
        while not numbers or numbers[-1] != 399:
            numbers.append(int(str(slow.recv(5)).split()[0]))
        assert numbers == sorted(numbers)
        assert 400 - len(numbers) == served.dropped


def test_a_client_that_goes_is_forgotten(served):
    with connect(served.url):
        pass
    with connect(served.url) as other:
        for number in range(5):
            served.send(str(number))
            assert other.recv(5) == str(number)
        assert len(served._clients) == 1


def test_a_run_does_not_wait_for_a_client_that_is_stuck():
    messages = MessageServer(Address("127.0.0.1", 0))
    with connect(messages.url, max_queue=1, compression=None, close_timeout=0.1):
        for _ in range(60):
            messages.send("x" * 100_000)
        began = time.monotonic()
        messages.close()
        assert time.monotonic() - began < 3 * server.FAREWELL_S


def test_clients_are_not_listened_to_and_may_not_say_much(served):
    with connect(served.url) as client:
        client.send("hello")
        served.send("start")
        assert client.recv(5) == "start"
        client.send("x" * 2 * server.LONGEST_REQUEST_BYTES)
        with pytest.raises(ConnectionClosed):
            client.recv(5)


def test_a_token_is_asked_for():
    messages = MessageServer(Address("127.0.0.1", 0, "sesame"))
    for refused in ({}, {"Authorization": "Bearer wrong"}):
        with pytest.raises(InvalidStatus, match="403"), connect(messages.url, additional_headers=refused):
            pass
    messages.send("start")
    with connect(messages.url, additional_headers={"Authorization": "Bearer sesame"}) as client:
        assert client.recv(5) == "start"
    with connect(f"{messages.url}?token=sesame", origin="https://studio.example") as client:
        assert client.recv(5) == "start"
    messages.close()


def test_another_sites_script_is_refused(served):
    with pytest.raises(InvalidStatus, match="403"), connect(served.url, origin="https://elsewhere.example"):
        pass


def test_there_is_room_for_so_many_clients(served):
    with ExitStack() as clients:
        for _ in range(server.MOST_CLIENTS):
            clients.enter_context(connect(served.url))
        with pytest.raises(InvalidStatus, match="503"), connect(served.url):
            pass


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(TcmrError, match=str(port)):
            MessageServer(Address("127.0.0.1", port))


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    with pytest.raises(TcmrError, match="live"):
        MessageServer(Address("127.0.0.1", 0))


@pytest.mark.parametrize(
    "request_line",
    ["GET / HTTP/1.1\r\nHost: a\r\nHost: b", "GET //[ HTTP/1.1\r\nHost: 127.0.0.1"],
)
@pytest.mark.parametrize("token", [None, "sesame"])
def test_who_talks_nonsense_or_vanishes_is_let_go_in_silence(request_line, token, capfd):
    messages = MessageServer(Address("127.0.0.1", 0, token))
    rest = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    with socket.create_connection(("127.0.0.1", messages.port), 5) as client:
        client.sendall(f"{request_line}\r\n{rest}Sec-WebSocket-Version: 13\r\n\r\n".encode())
        assert b"500" not in client.recv(100)
    if token is None:
        vanishing = connect(messages.url)
        vanishing.socket.shutdown(socket.SHUT_RDWR)
    messages.close()
    assert capfd.readouterr().err == ""
