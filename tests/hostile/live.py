"""Surfaces that are open while a live run goes on: the pipe into standard input, the server of messages."""

import logging
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, suppress
from pathlib import Path
from random import Random
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np

from tcmr.errors import TcmrError
from tcmr.live.address import Address
from tcmr.live.server import MessageServer
from tcmr.video.live import open_live

from .case import Files
from .films import CONTAINERS, clip, deflated_zeros, playlists, png
from .guard import OWN_PORTS
from .mutation import HUGE, damaged
from .surface import Surface, damaged_file

PIPED = [container for container in CONTAINERS if container not in ("mov", "gif")]
OTHER_SIDE = 80  # of the film that playlists name
SECONDS, MOMENT = 5.0, 0.02
ANSWER_BYTES = 1 << 16
CLIENTS = "tcmr.live.clients"  # the server's log, which nobody reads


@contextmanager
def _standard_input(content: bytes) -> Iterator[None]:
    """Make standard input a pipe through which something comes."""
    reads, writes = os.pipe()

    def send() -> None:
        with suppress(BrokenPipeError), open(writes, "wb", buffering=0) as end:
            end.write(content)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    with open(reads, "rb") as pipe, patch.object(sys, "stdin", SimpleNamespace(buffer=pipe)):
        yield
    sender.join(SECONDS)
    assert not sender.is_alive(), "the pipe's writer waits"


def _pipe(folder: Path) -> Surface:
    films = [clip(container) for container in PIPED]
    film = folder / "another.ts"
    film.write_bytes(clip("mpegts", side=OTHER_SIDE))
    lists = [
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film.as_uri()}\n#EXT-X-ENDLIST\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{film}'\n", "ffconcat version 1.0\nfile another.ts\n",
    ]  # fmt: skip
    wide = deflated_zeros(16_001 * 16_000)
    attacks = [
        *(text.encode() for text in lists), *playlists(), png(16_000, 16_000, wide), png(1 << 30, 1 << 30, b""),
        b"", b"\0" * 100_000, b"text\n" * 1000, b"\xff\xd8" * 1000, b"\0\0\1\xb3" * 1000, b"G" * 188 * 100,
        films[0] + films[1], films[2] * 3, films[2][: len(films[2]) // 2] + films[2],
    ]  # fmt: skip

    def read(case: Path) -> None:
        content = (case / "stream").read_bytes() if (case / "stream").is_file() else b""
        with chdir(folder), _standard_input(content), open_live("-") as reader:
            for frame in reader:
                assert frame.rgb.dtype == np.uint8
                assert frame.rgb.shape[:2] != (OTHER_SIDE, OTHER_SIDE), "another file was opened"
            assert reader.timestamps_s == sorted(reader.timestamps_s)
            assert reader.fps > 0
            reader.warnings()

    def spliced(rng: Random, files: Files) -> Files:
        content = files["stream"]
        other = rng.choice(films)
        if not isinstance(content, bytes):
            return files
        place, start = rng.randrange(len(content) + 1), rng.randrange(len(other))
        return {
            "stream": content[:place]
            + other[start : start + rng.choice((188, 1000, 10**6))]
            + content[place:]
        }

    return Surface(
        "pipe",
        read,
        [{"stream": film} for film in films],
        [{"stream": attack} for attack in attacks],
        (TcmrError,),
        (damaged_file, damaged_file, spliced),
    )


class Refused(Exception):
    """The server did not let a client in, and said so or hung up."""


UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TOKEN, FIRST = "sesame", "the first message"


def _frame(code: int, content: bytes, size: int | None = None, masked: bool = True) -> bytes:
    """Return a frame of a WebSocket; `size` is what it says of its length."""
    length = len(content) if size is None else size
    head = struct.pack(">BB", code, 0x80 * masked | (length if length < 126 else 127))
    return (
        head
        + (struct.pack(">Q", length % (1 << 64)) if length >= 126 else b"")
        + b"\0\0\0\0" * masked
        + content
    )


FRAMES = [
    _frame(0x81, b"hello"), _frame(0x82, bytes(1025)), _frame(0x81, b"\xff"), _frame(0x81, b"", 1 << 62),
    _frame(0x81, b"", (1 << 64) - 1), _frame(0x01, b"part") * 2000, _frame(0x01, b"a") + _frame(0x00, b"b") * 2000,
    _frame(0x89, b"ping") * 500, _frame(0x89, bytes(200)), _frame(0x88, b"\x03"), _frame(0x88, b"\xff\xff"),
    _frame(0x88, b"\x03\xe8bye"), _frame(0xC1, b"packed"), _frame(0x8F, b"?"), _frame(0x81, b"open", masked=False),
    _frame(0x80, b"nothing before"), _frame(0x88, b"\x03\xe8\xff\xff"),
]  # fmt: skip


def _requests() -> list[bytes]:
    def with_header(line: bytes) -> bytes:
        return UPGRADE.replace(b"Upgrade: websocket\r\n", b"Upgrade: websocket\r\n" + line + b"\r\n")

    paths = (
        b"/?token=sesame",
        b"/?token=x",
        b"//[",
        b"/?" + b"a&" * 3000,
        b"/\xff",
        b"/%00",
        b"*",
        b"http://[/",
        b"",
    )
    return [
        *(UPGRADE.replace(b"GET /", b"GET " + path) for path in paths),
        *map(with_header, (
            b"Host: 127.0.0.1", b"Host: [", b"Origin: http://evil.example", b"Origin: http://[", b"Origin: null",
            b"Authorization: Bearer sesame", b"Authorization: Bearer \xff\xfe", b"Authorization: a\r\nAuthorization: b",
            b"X: " + b"x" * 100_000, b"X: y\r\n" * 500, b" folded", b"X : y", b"\0: y", b"X: \0", b"Content-Length: 5",
            b"Transfer-Encoding: chunked", b"Sec-WebSocket-Key: other", b"Sec-WebSocket-Version: 99",
            b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=999",
            b"Sec-WebSocket-Protocol: " + b"a," * 1000, b"Connection: close",
        )),
        UPGRADE.replace(b"\r\n", b"\n"), UPGRADE.replace(b"AAAA==", b"==="), UPGRADE.replace(b"13", b"x" * 5000),
        UPGRADE.replace(b"Host: 127.0.0.1\r\n", b""), UPGRADE.replace(b"GET", b"POST"), UPGRADE[:-2],
        b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET " * 5000, b"\r\n" * 5000, b"", b"\0" * 5000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b"a" * 200_000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]  # fmt: skip


def _client(port: int) -> socket.socket:
    client = socket.socket()
    client.settimeout(SECONDS)
    client.connect(("127.0.0.1", port))
    return client


def _exchange(port: int, content: bytes) -> bytes:
    """Say something to the server, listen for a moment and hang up; return what it answered."""
    answer = b""
    with _client(port) as client, suppress(ConnectionError):
        client.sendall(content)
        client.settimeout(MOMENT)
        with suppress(TimeoutError):
            answer = client.recv(4096)
        client.settimeout(SECONDS)
        client.shutdown(socket.SHUT_WR)
        while len(answer) < ANSWER_BYTES and (piece := client.recv(4096)):
            answer += piece
    return answer


def _still_serves(server: MessageServer) -> bool:
    answer = b""
    with _client(server.port) as client:
        client.sendall(UPGRADE)
        while FIRST.encode() not in answer and (piece := client.recv(4096)):
            answer += piece
    return FIRST.encode() in answer


class _Complaints(logging.Handler):
    """What the server says of its own failures, not of clients' or of websockets', and what reaches the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != CLIENTS or record.getMessage() == "connection handler failed":
            self.said.append(f"{record.getMessage()} {record.exc_info and record.exc_info[1]!r}")


def _server(folder: Path) -> Surface:
    servers = [MessageServer(Address("127.0.0.1", 0, token)) for token in (None, TOKEN)]
    for server in servers:
        OWN_PORTS.add(server.port)
        server.send(FIRST)
    complaints = _Complaints()
    for name in (None, CLIENTS):
        logging.getLogger(name).addHandler(complaints)

    def read(case: Path) -> None:
        content = (case / "said").read_bytes() if (case / "said").is_file() else b""
        answers = [_exchange(server.port, content) for server in servers]
        assert not any(b" 500 " in answer[:40] for answer in answers), answers
        assert b" 101 " not in answers[1][:40] or TOKEN.encode() in content, "let in without the token"
        assert _still_serves(servers[0]), "no longer serves others"
        said, complaints.said = complaints.said, []
        assert not said, said
        if b" 101 " not in answers[0][:40]:
            raise Refused(answers[0][:80] or "hung up")

    def damaged_talk(rng: Random, files: Files) -> Files:
        frames = b"".join(rng.choice(FRAMES) for _ in range(rng.randrange(1, 5)))
        lie = _frame(
            rng.randrange(256), rng.randbytes(9), rng.choice((None, rng.choice(HUGE))), rng.random() < 0.8
        )
        return {"said": UPGRADE + rng.choice((frames + lie, lie + frames, damaged(rng, frames)))}

    return Surface(
        "message_server",
        read,
        [{"said": UPGRADE + FRAMES[0]}, {"said": UPGRADE.replace(b"GET /", b"GET /?token=sesame")}],
        [{"said": attack} for attack in (*_requests(), *(UPGRADE + frame for frame in FRAMES))],
        (Refused,),
        (damaged_file, damaged_talk),
    )


SURFACES: dict[str, Callable[[Path], Surface]] = {"pipe": _pipe, "message_server": _server}
