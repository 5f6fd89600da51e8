"""`tcmr run --source`, as a user runs it: a pipe, a server, Ctrl-C, clients, a full disk."""

import json
import resource
import signal
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import tcmr
from stream_server import as_stream, serving
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_ends_with_everything_up_to_then(number, street, untrained, tmp_path):
    """The clip comes whole, but the pipe stays open: as from a camera, there is always more to wait for."""
    job = command("-", tmp_path, untrained, "--min-frames", "1", "--emit", "jsonl")
    running = subprocess.Popen(job, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdin.write(street.read_bytes())
    running.stdin.flush()
    lines = [json.loads(running.stdout.readline()) for _ in range(4)]
    running.send_signal(number)
    out, err = running.communicate(timeout=200)
    assert running.returncode == 0, err.decode()
    told = assert_whole(tmp_path / "pipe")
    lines += map(json.loads, out.splitlines())
    assert [line["type"] for line in lines] == ["start", *["frame"] * told["frames"], "end"]


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


@pytest.mark.parametrize("url", ["http://[::1/x", "rtsp://me:secret@[door]/x", "http://secret\u2100/x"])
def test_a_url_that_cannot_be_read_is_refused_without_its_password(url, refused, untrained, tmp_path):
    said = refused("run", "--source", url, "-o", tmp_path, "--weights", untrained)
    assert "URL of the source" in said
    assert "secret" not in said


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


@pytest.mark.slow
def test_what_is_saved_is_what_a_video_gives(street, untrained, tmp_path):
    with street.open("rb") as pipe:
        subprocess.run(
            command("-", tmp_path, untrained, "--smooth", "gaussian", "--report"),
            stdin=pipe,
            check=True,
            capture_output=True,
        )
    as_live = ["--mirrored", "off", "--smooth", "gaussian"]
    main(["run", str(street), "-o", str(tmp_path), "--weights", str(untrained), *as_live])
    live, video = (json.loads((tmp_path / name / "result.json").read_text()) for name in ("pipe", "street"))
    assert live["persons"] == video["persons"]
    assert (live["options"]["fit"], live["options"]["smooth"]) == ("on", "gaussian")
    assert live["live"] == {"dropped_frames": 0, "damaged_frames": 0, "reconnects": 0, "cuts": []}
    for person in live["persons"]:
        ours, theirs = (Motion.load(tmp_path / name / person["file"]) for name in ("pipe", "street"))
        np.testing.assert_allclose(ours.rotmat, theirs.rotmat, atol=1e-5)
        np.testing.assert_allclose(ours.transl_m, theirs.transl_m, atol=1e-4)
    assert (tmp_path / "pipe" / "report.html").stat().st_size > 100_000


def test_a_stream_that_breaks_off_and_comes_back(street, untrained, tmp_path, capsys):
    """A real stream, 1.2 s of it, twice; a program listens to what is found."""
    content = as_stream(street, turns=4)
    with serving(content, 1.6, [0.75, 0.0, 0.75]) as server:
        options = ["--when-late", "wait", "--reconnects", "2", "--emit", "jsonl", "--min-frames", "5"]
        main(command(server.url, tmp_path, untrained, *options)[3:])
    told = assert_whole(tmp_path / "street")
    assert told["live"]["reconnects"] == 1
    (cut,) = told["live"]["cuts"]
    for person in told["persons"]:
        frames = Motion.load(tmp_path / "street" / person["file"]).frames
        assert frames[-1] < cut or frames[0] >= cut  # nobody's motion spans the cut
    assert {person["ranges"][0][0] < cut for person in told["persons"]} == {True, False}
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    frames = [line["frame"] for line in lines if line["type"] == "frame" and not line["late"]]
    assert frames == list(range(told["frames"]))
    assert lines[-1] == {
        "schema": "tcmr.live/1",
        "type": "end",
        "frames": told["frames"],
        "dropped_frames": 0,
        "reconnects": 1,
    }
    assert "connected again 1 times" in err


@pytest.mark.slow
def test_when_nobody_reads_the_messages_it_ends_and_saves(street, untrained, tmp_path):
    job = command("-", tmp_path, untrained, "--min-frames", "1", "--emit", "jsonl", "--no-overlay")
    with (
        street.open("rb") as pipe,
        subprocess.Popen(
            job, stdin=pipe, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as running,
    ):
        running.stdout.readline()
        running.stdout.close()
        err = running.stderr.read()
    assert running.returncode == 0, err
    assert json.loads((tmp_path / "pipe/result.json").read_text())["frames"] < 12
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


@pytest.mark.slow
def test_a_disk_that_is_full_ends_the_overlay_and_not_the_run(street, untrained, tmp_path):
    size = 40_000  # room for a person of twelve frames, not for the overlay
    with street.open("rb") as pipe:
        done = subprocess.run(
            command("-", tmp_path, untrained),
            stdin=pipe,
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        )
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "pipe/result.json").read_text())
    assert {path.name for path in (tmp_path / "pipe").iterdir()} == {
        "result.json",
        *(person["file"] for person in told["persons"]),
    }
    assert told["persons"]
    assert any("no overlay" in warning for warning in told["warnings"])


def test_other_machines_take_a_token(refused, untrained, tmp_path, monkeypatch):
    job = command("nothing", tmp_path, untrained, "--serve", "0.0.0.0:0")[3:]
    assert "--token" in refused(*job)
    monkeypatch.setenv("TCMR_TOKEN", "sesame")
    assert "is no source" in refused(*job)
    monkeypatch.delenv("TCMR_TOKEN")
    assert "is no source" in refused(*job, "--token", "sesame")
    assert "give --serve too" in refused("run", "--source", "-", "-o", tmp_path, "--token", "sesame")


def test_from_python(street, untrained, tmp_path, monkeypatch):
    messages = []
    with street.open("rb") as pipe:
        monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": pipe}))
        options = tcmr.Options(weights=str(untrained))
        motions = tcmr.run_live("-", tmp_path, options, on_message=messages.append)
    assert motions
    assert len(messages) == 1 + 12 + 1
    assert (tmp_path / "pipe" / f"person-{motions[0].person}.npz").exists()


@pytest.mark.parametrize(
    "option",
    ["--serve 8765", "--emit jsonl", "--lookahead 2", "--reconnects 3", "--no-preview"],
)
def test_what_holds_with_a_source_is_refused_for_videos(option, refused, street, tmp_path):
    said = refused("run", street, "-o", tmp_path, *option.split())
    assert f"{option.split()[0]} is for a live source; name it with --source" in said
