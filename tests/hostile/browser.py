"""The surface that is open while `tcmr view` shows a result: requests to the server of the page."""

import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from tcmr.view.server import PageServer

from .case import Files
from .guard import OWN_PORTS
from .mutation import HUGE, damaged
from .surface import Surface, damaged_file

PAGE, VIDEO, SECRET = b"<p>the page</p>", b"the video's bytes " * 20, b"in nobody's page"
ADDRESS = "/video/0.mp4"
SECONDS = 5.0
ANSWER_BYTES = 1 << 20
MOST_THREADS = 20
LOCAL = re.compile(rb"\nHost:[ \t]*(127\.0\.0\.1|localhost)([:\r\n]|\Z)", re.IGNORECASE)
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n")
PART = re.compile(rb"\r\nContent-Range: bytes (\d+)-(\d+)/\d+\r\n")


class Refused(Exception):
    """Nothing was served."""


def request(path: bytes = b"/", *lines: bytes, host: bytes = b"127.0.0.1", method: bytes = b"GET") -> bytes:
    """Return a request as a browser makes it, with further header lines."""
    head = (method + b" " + path + b" HTTP/1.1", b"Host: " + host, b"Accept: */*", *lines)
    return b"\r\n".join(head) + b"\r\n\r\n"


VIDEO_PATH = ADDRESS.encode()
PATHS = (
    b"/secret", b"/video/secret", b"/video/../secret", b"/../secret", b"//secret", b"/video/0.mp4/../../secret",
    b"/%2e%2e/secret", b"/video/%2e%2e%2fsecret", b"/..%5csecret", b"/video/0.mp4%00", b"/video/0.mp4\0", b"/video/",
    b"/./", b"//", b"///evil.example/", b"/video/1.mp4", b"/video/0.mp4?token=x", b"/?" + b"a&" * 3000, b"/etc/passwd",
    b"file:///etc/passwd", b"http://127.0.0.1/", b"http://[/", b"*", b"", b"/\xff", b"/\xc3\xbc", b"/#", b"/" * 70_000,
)  # fmt: skip
HOSTS = (
    b"evil.example", b"127.0.0.1.evil.example", b"localhost.evil.example", b"evil.example:127.0.0.1", b"", b":", b":80",
    b"[::1]", b"[", b"0.0.0.0", b"127.1", b"127.0.0.1@evil.example", b"evil.example\r\nHost: 127.0.0.1",
    b"x" * 60_000, b"\xff", b"\0", b"127.0.0.1\0",
)  # fmt: skip
RANGES = (
    b"bytes=0-0", b"bytes=5-", b"bytes=-5", b"bytes=-0", b"bytes=-", b"bytes=9-2", b"bytes=0-1,5-9", b"bytes= 1-2",
    b"bytes=1-2 ", b"bytes=+1-2", b"bytes=1_0-20", b"bytes=\xb2-3", b"bytes=0x1-2", b"lines=1-2", b"bytes", b"",
    b"bytes=" + b"9" * 60_000 + b"-", b"bytes=-" + b"9" * 5000, b"bytes=0-" + b"9" * 5000, b"bytes=" + b"0-1," * 9000,
    *(b"bytes=%d-" % number for number in HUGE), *(b"bytes=-%d" % number for number in HUGE),
    *(b"bytes=3-%d" % number for number in HUGE),
)  # fmt: skip
LINES = (
    b"X: " + b"x" * 100_000, b"\r\n".join([b"X: y"] * 500), b" folded", b"X : y", b"\0: y", b"X: \0", b": y", b"X",
    b"Content-Length: 5", b"Content-Length: -1", b"Content-Length: " + b"9" * 5000, b"Transfer-Encoding: chunked",
    b"Expect: 100-continue", b"Connection: keep-alive", b"Connection: close", b"Connection: \xff",
    b"Upgrade: websocket", b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13", b"Origin: http://evil.example",
    b"Content-Type: multipart/mixed; boundary=x", b"Content-Type: " + b"a;" * 20_000, b"Cookie: " + b"a=b;" * 9000,
    b"Accept-Encoding: gzip;q=\xff", b"Host: evil.example", b"X:\r\n\ty", b"Forwarded: host=evil.example",
)  # fmt: skip
METHODS = (
    b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"PATCH", b"get", b"__init__", b"GET\0",
    b"\xff", b"<script>", b"x" * 60_000, b"",
)  # fmt: skip
TALK = (
    b"GET /\r\n\r\n", b"GET /\r\nHost: 127.0.0.1\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1\r\n\r\n", b"GET / HTTP/1." + b"9" * 5000 + b"\r\n\r\n", b"GET / HTTP/1.1.1\r\n\r\n",
    b"GET / HTTP/-1.1\r\n\r\n", b"GET / HTTP/\xb2.1\r\n\r\n", b"POST /\r\n\r\n", b"GET / x HTTP/1.1\r\n\r\n",
    b"GET " * 5000, b"\r\n" * 5000, b"",
    b"\0" * 5000, b"a" * 200_000, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x81\x85\0\0\0\0hello",
    request()[:-2], request().replace(b"\r\n", b"\n"), request().replace(b"\r\n", b"\r"),
    request() * 200, request(VIDEO_PATH) * 200, request(method=b"POST") + request(), b"\r\n" + request(),
    request(VIDEO_PATH, b"Content-Length: 300") + request(host=b"evil.example"),
)  # fmt: skip


def _attacks() -> list[bytes]:
    return [
        *map(request, PATHS),
        *(request(host=host) for host in HOSTS),
        *(request(VIDEO_PATH, b"Range: " + asked) for asked in RANGES),
        *(request(VIDEO_PATH, line) for line in LINES),
        *(request(method=method) for method in METHODS),
        *TALK,
    ]


class _Watched(PageServer):
    """The server of the product, but for one thing: what its handlers fail with is kept."""

    failures: list[str]

    def handle_error(self, asked: Any, client_address: Any) -> None:
        failure = sys.exception()
        if not isinstance(failure, ConnectionError | TimeoutError):
            self.failures.append(repr(failure))


def _answer(port: int, content: bytes) -> bytes:
    """Say something to the server and nothing more; return all that it answers until it hangs up."""
    answer = b""
    with socket.socket() as client, suppress(ConnectionError):
        client.settimeout(SECONDS)
        client.connect(("127.0.0.1", port))
        client.sendall(content)
        with suppress(OSError):  # hung up already
            client.shutdown(socket.SHUT_WR)
        while len(answer) < ANSWER_BYTES and (piece := client.recv(1 << 16)):
            answer += piece
    return answer


def _bodies(answer: bytes, video: bytes) -> Iterator[bytes]:
    """Yield what was served, one answer after the other, after making sure that it is what the heads say."""
    while answer.startswith(b"HTTP/1.1 "):
        head, divider, rest = answer.partition(b"\r\n\r\n")
        head += b"\r\n"
        status, length = int(head[9:12]), LENGTH.search(head)
        if not divider or length is None:  # cut off by a client that hung up, or an error of the library
            return
        body, answer = rest[: int(length[1])], rest[int(length[1]) :]
        assert status in (200, 206) or status >= 400, head
        if status == 206:
            part = PART.search(head)
            assert part is not None, head
            assert body == video[int(part[1]) : int(part[2]) + 1], head
        if status in (200, 206):
            yield body
    if answer and not answer.lstrip().startswith(b"<!DOCTYPE"):  # of HTTP/0.9, which has no heads
        yield answer


def _server(folder: Path) -> Surface:
    file = folder / "case" / "0.mp4"
    server = _Watched(PAGE.decode(), {ADDRESS: file})
    server.failures = []
    OWN_PORTS.add(server.server_port)
    for place in (folder, folder / "video"):
        place.mkdir(exist_ok=True)
        (place / "secret").write_bytes(SECRET)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def read(case: Path) -> None:
        content = (case / "said").read_bytes() if (case / "said").is_file() else b""
        video = file.read_bytes() if file.is_file() else b""
        answer = _answer(server.server_port, content)
        served = list(_bodies(answer, video))
        assert SECRET not in answer, "a file beside was served"
        assert all(body == PAGE or body in video for body in served), served
        assert not served or LOCAL.search(content), "served under another name"
        assert PAGE in _answer(server.server_port, request()), "no longer serves others"
        failures, server.failures = server.failures, []
        assert not failures, failures
        assert threading.active_count() < MOST_THREADS, "threads are left"
        if not served:
            raise Refused(answer[:80] or "hung up")

    def damaged_talk(rng: Random, files: Files) -> Files:
        requests = [
            request(
                rng.choice((b"/", VIDEO_PATH, VIDEO_PATH, rng.choice(PATHS))),
                *rng.sample(LINES, rng.randrange(3)),
                *(b"Range: " + rng.choice(RANGES) for _ in range(rng.randrange(3))),
                host=rng.choice((b"127.0.0.1", b"localhost:80", b"127.0.0.1:8080", rng.choice(HOSTS))),
                method=rng.choice((b"GET", b"GET", b"GET", rng.choice(METHODS))),
            )
            for _ in range(rng.choice((1, 1, 2, 5)))
        ]
        talk = b"".join(requests)
        return {**files, "said": rng.choice((talk, damaged(rng, talk)))}

    samples: list[Files] = [
        {"said": content, "0.mp4": VIDEO}
        for content in (
            request(),
            request(VIDEO_PATH),
            request(VIDEO_PATH, b"Range: bytes=10-99"),
            request() + request(VIDEO_PATH, b"Range: bytes=-9"),
        )
    ]
    return Surface(
        "view_server",
        read,
        samples,
        [{"said": attack, "0.mp4": VIDEO} for attack in _attacks()],
        (Refused,),
        (damaged_file, damaged_talk, damaged_talk),
    )


SURFACES: dict[str, Callable[[Path], Surface]] = {"view_server": _server}
