"""The examples run as they stand."""

import runpy
import sys
from pathlib import Path

import pytest

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
