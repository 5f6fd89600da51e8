"""A server of live video: sends a stream at its own pace, breaks off where it is told, and comes back."""

import io
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av

PIECE_BYTES = 188 * 7  # MPEG-TS packets, as they travel


def as_stream(video: Path, turns: int = 1) -> bytes:
    """Return a video as MPEG-TS, several times one after the other, without sound."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mpegts") as out:
        stream, begins = None, 0
        for _ in range(turns):
            with av.open(str(video)) as container:
                film = container.streams.video[0]
                stream = stream or out.add_stream_from_template(film)
                packets = [packet for packet in container.demux(film) if packet.size]
                first = min(packet.pts for packet in packets)
                for packet in packets:
                    packet.pts += begins - first
                    packet.dts += begins - first
                    packet.stream = stream
                begins = max(packet.pts + packet.duration for packet in packets)
                out.mux(packets)
    return buffer.getvalue()


class StreamServer(ThreadingHTTPServer):
    """Sends `content` to whoever asks, over `seconds`; the n-th connection breaks off after `shares[n]` of it.

    A connection for which there is no share is refused. `asked` counts the connections.
    """

    daemon_threads = True

    def __init__(self, content: bytes, seconds: float, shares: Sequence[float]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content, self.seconds, self.shares = content, seconds, shares
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/street"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever stops listening may."""


class _Handler(BaseHTTPRequestHandler):
    server: StreamServer

    def log_message(self, *args: object) -> None: ...

    def do_GET(self) -> None:
        number, self.server.asked = self.server.asked, self.server.asked + 1
        if number >= len(self.server.shares):
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "video/mp2t")
        self.end_headers()
        content, began = self.server.content, time.monotonic()
        until = round(len(content) * self.server.shares[number])
        for start in range(0, until, PIECE_BYTES):
            time.sleep(max(0, began + self.server.seconds * start / len(content) - time.monotonic()))
            self.wfile.write(content[start : min(until, start + PIECE_BYTES)])


@contextmanager
def serving(content: bytes, seconds: float, shares: Sequence[float]) -> Iterator[StreamServer]:
    """Serve in a thread."""
    with StreamServer(content, seconds, shares) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
