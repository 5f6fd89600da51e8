"""Sources that come once: a pipe, a server, and what is none."""

import itertools
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

import av
import numpy as np
import pytest

from stream_server import as_stream, serving
from tcmr.errors import TcmrError
from tcmr.video import VideoWriter, live, open_clip
from tcmr.video.live import WAITING_PICTURES, open_live


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def server(street) -> Iterator[str]:
    """Serve the street's folder on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(street.parent))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


@pytest.fixture
def pipe(monkeypatch) -> Iterator[BinaryIO]:
    """Make standard input a pipe; return its other end."""
    reads, writes = os.pipe()
    with open(reads, "rb") as stdin, open(writes, "wb", buffering=0) as end:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=stdin))
        yield end


def send(content: bytes, pipe: BinaryIO) -> None:
    """Write into a pipe and close it, while another reads."""

    def write() -> None:
        with pipe, suppress(BrokenPipeError):
            pipe.write(content)

    threading.Thread(target=write, daemon=True).start()


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


def test_what_comes_through_a_pipe_opens_no_other_file(street, pipe, monkeypatch):
    monkeypatch.chdir(street.parent)
    send(f"ffconcat version 1.0\nfile {street.name}\n".encode(), pipe)
    with pytest.raises(TcmrError, match="-: "), open_live("-"):
        pass


def test_a_pipe_gives_what_the_file_gives(street, pipe):
    send(street.read_bytes(), pipe)
    with open_live("-") as reader:
        assert_is(reader, street)
        assert reader.clip.path.name == "pipe"


def test_an_mp4_with_its_index_at_the_end_is_told_what_it_needs(tmp_path, pipe):
    with av.open(str(tmp_path / "last.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 256, 256, "yuv420p"
        for _ in range(10):
            noise = np.random.default_rng(0).integers(0, 255, (256, 256, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(stream.encode(None))
    send((tmp_path / "last.mp4").read_bytes(), pipe)
    with pytest.raises(TcmrError, match=r"-: no picture came; .*faststart"), open_live("-"):
        pass


def test_a_source_that_breaks_off_is_used_as_far_as_it_goes(tmp_path, pipe):
    noise = np.random.default_rng(0).integers(0, 255, (40, 96, 128, 3), np.uint8)
    with VideoWriter(tmp_path / "noise.mp4", width=128, height=96, fps=25.0) as writer:
        for rgb in noise:
            writer.write(rgb)
    content = (tmp_path / "noise.mp4").read_bytes()
    send(content[: len(content) // 2], pipe)
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


@pytest.fixture(scope="module")
def stream(street) -> bytes:
    """Make three seconds of MPEG-TS, twelve frames over and over."""
    return as_stream(street, turns=8)


FRAMES, SECONDS = 96, 3.2


def test_a_live_stream_is_dropped_from_when_frames_take_too_long(stream):
    with serving(stream, SECONDS, [1.0]) as server, open_live(server.url, reconnects=0) as reader:
        frames = []
        for frame in reader:
            frames.append(frame)
            time.sleep(0.12)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert reader.dropped_frames > 20
    assert len(frames) + reader.dropped_frames in range(FRAMES - 3, FRAMES + 1)
    assert reader.timestamps_s == [frame.time_s for frame in frames]
    steps = np.diff(reader.timestamps_s)
    assert (steps > 0).all()
    assert steps[WAITING_PICTURES:].max() > 0.06  # what was dropped leaves its time
    assert reader.fps < 25
    assert any("dropped" in warning for warning in reader.warnings())


@pytest.mark.parametrize("when_late", ["wait", "auto"])
def test_a_recording_waits_unless_told(when_late, server, street):
    with open_live(f"{server}/street.mp4", when_late) as reader:
        for _ in itertools.islice(reader, 1):
            time.sleep(0.5)
        assert reader.dropped_frames == 0
        assert len(list(reader)) >= 11


def test_a_stream_that_breaks_off_is_connected_again(stream):
    """Two thirds of it, then nothing for a moment, then two thirds again."""
    with serving(stream, SECONDS, [0.66, 0.0, 0.66]) as server:
        with open_live(server.url, reconnects=3) as reader:
            frames = list(reader)
        assert server.asked == 4  # the last one in vain
    assert reader.reconnects == 1
    (cut,) = reader.cuts
    assert 30 < cut < FRAMES
    assert [frame.index for frame in frames] == list(range(len(frames)))
    steps = np.diff([frame.time_s for frame in frames])
    assert (steps > 0).all()
    assert steps[cut - 1] > live.FIRST_PAUSE_S * 3  # a pause, a failure, twice the pause
    came = 1 + reader.dropped_frames / (len(steps) - 1)  # a busy machine drops some
    assert reader.fps * came == pytest.approx(30, rel=0.1)  # the pause aside
    assert any("broke off" in warning for warning in reader.warnings())


def test_a_source_that_stays_away_is_given_up(stream):
    with serving(stream, SECONDS, [0.5]) as server:
        began = time.monotonic()
        with open_live(server.url, reconnects=2) as reader:
            assert len(list(reader)) > 20
        assert server.asked == 3
    assert time.monotonic() - began < 10
    assert reader.reconnects == 0


def test_a_recording_is_not_asked_for_again(server, street):
    with open_live(f"{server}/street.mp4", reconnects=5) as reader:
        assert len(list(reader)) == 12
    assert reader.reconnects == 0


def test_stop_ends_it_while_nothing_comes(pipe):
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(TcmrError, match="no picture"), open_live("-", stop=stop):
        pass


def test_a_screen_without_a_display_is_refused(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(TcmrError, match="DISPLAY"), open_live("screen"):
        pass


@pytest.fixture
def display(monkeypatch, tmp_path) -> Iterator[str]:
    """Start a screen of 320 x 240 on which nothing is shown."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    reads, writes = os.pipe()
    command = ["Xvfb", "-displayfd", str(writes), "-screen", "0", "320x240x24"]
    screen = subprocess.Popen(command, pass_fds=[writes], stderr=subprocess.DEVNULL)
    os.close(writes)
    with open(reads) as file:
        monkeypatch.setenv("DISPLAY", f":{file.readline().strip()}")
    yield os.environ["DISPLAY"]
    screen.terminate()
    screen.wait()


def test_a_screen_is_a_source(display):
    with open_live("screen") as reader:
        frames = list(itertools.islice(reader, 5))
    assert (reader.clip.width, reader.clip.height, reader.clip.path.name) == (320, 240, "screen")
    assert all(frame.rgb.shape == (240, 320, 3) for frame in frames)
    assert (np.diff(reader.timestamps_s) > 0).all()
