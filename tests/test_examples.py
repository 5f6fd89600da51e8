"""The examples run as they stand."""

import runpy
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import pytest

from tcmr.cli import main

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def run(monkeypatch, capsys):
    def call(name: str, *args: object) -> str:
        monkeypatch.setattr(sys, "argv", [name, *map(str, args)])
        runpy.run_path(str(EXAMPLES / name))
        return capsys.readouterr().out

    return call


def test_one_video(run, street, tmp_path):
    assert "person 1: 12 frames" in run("00_one_video.py", street, tmp_path)
    assert (tmp_path / "street" / "result.json").exists()


def test_from_features(run):
    assert "40 frames" in run("01_from_features.py")


def test_notebook(run, street, tmp_path):
    main(["run", str(street), "-o", str(tmp_path), "--no-overlay"])
    said = run("03_notebook.py", tmp_path / "street", tmp_path / "knees.png")
    assert "feet slide" in said
    assert "left ankle at [" in said
    assert cv2.imread(str(tmp_path / "knees.png")).std() > 5


def test_live_client(run, street, untrained, tmp_path):
    command = [
        "tcmr",
        "run",
        "--source",
        "-",
        "-o",
        str(tmp_path),
        "--weights",
        str(untrained),
        "--serve",
        "0",
    ]
    options = ["--no-preview", "--no-overlay"]
    job = subprocess.Popen(
        [sys.executable, "-m", *command, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    address = job.stderr.readline().decode().split()[-1]
    feed = threading.Timer(1.0, job.communicate, [street.read_bytes()])
    feed.start()
    said = run("02_live_client.py", address)
    feed.join()
    assert job.returncode == 0
    assert "frame 11: person 1 at" in said
    assert said.splitlines()[-1] == "12 frames, 0 dropped"
