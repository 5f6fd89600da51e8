"""`tcmr run --source`, as a user runs it: a pipe, a server, Ctrl-C."""

import json
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tcmr.cli import main
from tcmr.types import Motion
from tcmr.video import open_clip


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


def command(source: str, output: Path, weights: Path, *more: str) -> list[str]:
    options = ["-o", str(output), "--weights", str(weights), "--no-preview", *more]
    return [sys.executable, "-m", "tcmr", "run", "--source", source, *options]


def assert_whole(folder: Path, frames: int | None = None) -> dict:
    """Check the files of the contract, and return the summary."""
    told = json.loads((folder / "result.json").read_text())
    assert frames is None or told["frames"] == frames
    assert told["persons"]
    names = {path.name for path in folder.iterdir()}
    assert names == {"result.json", "overlay.mp4", *(person["file"] for person in told["persons"])}
    with open_clip(folder / "overlay.mp4") as overlay:
        assert len(list(overlay)) == told["frames"]
    for person in told["persons"]:
        motion = Motion.load(folder / person["file"])
        assert (np.diff(motion.frames) > 0).all()
        assert np.isfinite(motion.transl_m).all()
        assert motion.frames[-1] < told["frames"]
    return told


def test_a_clip_through_a_pipe(street, untrained, tmp_path):
    job = command("-", tmp_path, untrained, "--min-frames", "5")
    with street.open("rb") as pipe:
        done = subprocess.run(job, stdin=pipe, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = assert_whole(tmp_path / "pipe", frames=12)
    assert told["video"] == "-"
    assert "frames/s" in done.stdout


def test_ctrl_c_ends_it_with_everything_up_to_then(street, untrained, tmp_path):
    """The clip comes whole, but the pipe stays open: as from a camera, there is always more to wait for."""
    job = command("-", tmp_path, untrained, "--min-frames", "1")
    running = subprocess.Popen(job, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdin.write(street.read_bytes())
    running.stdin.flush()
    folder = tmp_path / "pipe"
    deadline = time.monotonic() + 200
    while not list(folder.glob(".unfinished-*/.overlay.mp4*")) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(5)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=200)
    assert running.returncode == 0, err.decode()
    assert_whole(folder)


def test_a_clip_from_a_server(street, untrained, tmp_path, capsys):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(street.parent))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{http.server_port}/street.mp4"
        main(command(url, tmp_path, untrained, "--max-people", "1", "--lookahead", "2")[3:])
        http.shutdown()
    told = assert_whole(tmp_path / "street", frames=12)
    assert told["video"] == url
    assert len(told["persons"]) == 1


def test_a_source_that_is_none_is_refused(refused, untrained, tmp_path):
    said = refused("run", "--source", "nothing", "-o", tmp_path, "--weights", untrained)
    assert "camera:0" in said
    assert not (tmp_path / "nothing").exists()


def test_a_source_and_videos_are_refused(refused, street, tmp_path):
    assert "not both" in refused("run", street, "--source", "-", "-o", tmp_path)


@pytest.mark.parametrize("lookahead", ["8", "-1"])
def test_a_lookahead_out_of_range_is_refused(lookahead, refused, street, untrained, tmp_path, monkeypatch):
    with street.open("rb") as pipe:
        monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": pipe}))
        said = refused(
            "run", "--source", "-", "-o", tmp_path, f"--lookahead={lookahead}", "--weights", untrained
        )
    assert "0 to 7" in said
