"""Sources that come once: a pipe, a server, and what is none."""

import io
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.video import VideoWriter, open_clip
from tcmr.video.live import open_live


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def server(street) -> Iterator[str]:
    """Serve the street's folder on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(street.parent))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def assert_is(reader, street: Path) -> None:
    with open_clip(street) as clip:
        for ours, theirs in zip(reader, clip, strict=True):
            assert ours.index == theirs.index
            assert ours.time_s == pytest.approx(theirs.time_s)
            np.testing.assert_array_equal(ours.rgb, theirs.rgb)
        assert reader.timestamps_s == pytest.approx(clip.timestamps_s)
        assert (reader.clip.width, reader.clip.height) == (clip.clip.width, clip.clip.height)


def test_a_server_gives_what_the_file_gives(server, street):
    with open_live(f"{server}/street.mp4") as reader:
        assert_is(reader, street)
        assert reader.clip.path.name == "street"


def test_a_pipe_gives_what_the_file_gives(street, monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(street.read_bytes())))
    with open_live("-") as reader:
        assert_is(reader, street)
        assert reader.clip.path.name == "pipe"


def test_a_source_that_breaks_off_is_used_as_far_as_it_goes(tmp_path, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 255, (40, 96, 128, 3), np.uint8)
    with VideoWriter(tmp_path / "noise.mp4", width=128, height=96, fps=25.0) as writer:
        for rgb in noise:
            writer.write(rgb)
    content = (tmp_path / "noise.mp4").read_bytes()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content[: len(content) // 2])))
    with open_live("-") as reader:
        assert 5 < len(list(reader)) < 35


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("street.mp4", "is no source"),
        ("camera:77", "cannot be opened"),
        ("http://127.0.0.1:9/nothing.mp4", "cannot be opened"),
        ("rtsp://me:secret@127.0.0.1:9/stream", "rtsp://127.0.0.1:9/stream"),
    ],
)
def test_what_is_no_source_is_refused(source, said):
    with pytest.raises(TcmrError, match=said) as refusal, open_live(source):
        pass
    assert "secret" not in str(refusal.value)


def test_a_page_is_no_video(server, street):
    with pytest.raises(TcmrError), open_live(f"{server}/"):
        pass
