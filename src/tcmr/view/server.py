"""A page and its videos to a browser on this machine, and to nobody else."""

import mimetypes
import re
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

from tcmr.errors import TcmrError

HOST = "127.0.0.1"
LOCAL_NAMES = (HOST, "localhost")
CHUNK_BYTES = 1 << 18
_MOST_DIGITS = 18  # of a file's size; more are more than any file has


class PageServer(ThreadingHTTPServer):
    """Serves a page at / and files at their addresses, in parts where a part is asked for: players seek so."""

    daemon_threads = True

    def __init__(self, page: str, videos: Mapping[str, Path], port: int = 0) -> None:
        """Listen on a port of this machine; 0 takes a free one.

        Raises:
            TcmrError: the port cannot be had.
        """
        self.page = page.encode()
        self.videos = dict(videos)
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            raise TcmrError(f"cannot listen on port {port} ({error}); choose another with --port") from error

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: browsers break off downloads of videos all the time."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PageServer

    def do_GET(self) -> None:
        # Another site's script must not read the page through a name that it lets point here.
        if self.headers.get("Host", "").rsplit(":", 1)[0] not in LOCAL_NAMES:
            self.send_error(HTTPStatus.FORBIDDEN)
        elif self.path == "/":
            self._begin(HTTPStatus.OK, "text/html; charset=utf-8", len(self.server.page))
            self.wfile.write(self.server.page)
        elif (video := self.server.videos.get(self.path)) is not None and video.is_file():
            self._send_video(video)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal quiet."""

    def _begin(self, status: HTTPStatus, kind: str, length: int, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", "no-store")
        # Nor may another site show the video as its own.
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _send_video(self, path: Path) -> None:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        with path.open("rb") as file:
            size = path.stat().st_size
            part = part_of(self.headers.get("Range"), size)
            if part is None:
                part = range(size)
                self._begin(HTTPStatus.OK, kind, size, Accept_Ranges="bytes")
            elif not part:
                self._begin(
                    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, kind, 0, Content_Range=f"bytes */{size}"
                )
            else:
                span = f"bytes {part.start}-{part.stop - 1}/{size}"
                self._begin(HTTPStatus.PARTIAL_CONTENT, kind, len(part), Content_Range=span)
            self._send(file, part)

    def _send(self, file: BinaryIO, part: range) -> None:
        file.seek(part.start)
        left = len(part)
        while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
            self.wfile.write(chunk)
            left -= len(chunk)
        if left > 0:  # the file has become shorter, and what comes next would be taken for the rest of it
            self.close_connection = True


def part_of(asked: str | None, size: int) -> range | None:
    """Return the bytes that a Range header asks for; None for all, empty where there are none.

    Source: RFC 9110, 14.1.2; one range only, others are answered with all.

    >>> part_of("bytes=10-19", 100), part_of("bytes=-10", 100), part_of("bytes=90-", 100), part_of(None, 100)
    (range(10, 20), range(90, 100), range(90, 100), None)
    """
    match = re.fullmatch(r"bytes=([0-9]*)-([0-9]*)", asked or "")
    if match is None or match.group() == "bytes=-":
        return None
    first, last = (_at_most(digits, size) for digits in match.groups())
    if first is None:
        return range(size - (last or 0), size)
    return range(first, size if last is None else min(size, last + 1))


def _at_most(digits: str, limit: int) -> int | None:
    """Return a number of a header or the limit, whichever is less; Python reads no number of 5000 digits."""
    if not digits:
        return None
    return min(int(digits), limit) if len(digits) <= _MOST_DIGITS else limit
