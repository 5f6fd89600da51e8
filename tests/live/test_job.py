"""The end of a live run: saved at once as it came, then as good as a video's; stopping that loses nothing."""

import json
import os
import shutil
import signal
from types import SimpleNamespace

import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.live import job, settled
from tcmr.live.choices import LiveOptions
from tcmr.live.job import run_live
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.stages import Stages
from tcmr.types import Motion

QUIET = LiveOptions(preview=False)


@pytest.fixture
def options(untrained) -> Options:
    return Options(weights=str(untrained), max_persons=1)


@pytest.fixture
def run(options, street, monkeypatch, tmp_path):
    """Return a function that runs on the street through a pipe."""
    models = Models.load(options)

    def call(**choices):
        with street.open("rb") as pipe:
            monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=pipe))
            return run_live("-", tmp_path / "out", options, models, Stages(), QUIET, **choices)

    return call


def test_stopped_while_settling_it_stays_as_it_came(run, tmp_path, monkeypatch, capsys):
    def interrupted(*args):
        before.update({path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()})
        os.kill(os.getpid(), signal.SIGTERM)

    before: dict[str, bytes] = {}
    with monkeypatch.context() as patch:
        patch.setattr(settled, "estimate", interrupted)
        result = run()
    assert "as it came" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    told = json.loads(before["result.json"])
    assert told["options"]["fit"] == "off"
    (person,) = result.motions
    saved = Motion.load(tmp_path / "out" / f"person-{person.person}.npz")
    np.testing.assert_array_equal(saved.rotmat, person.rotmat)

    (better,) = run().motions
    told = json.loads((tmp_path / "out/result.json").read_text())
    assert told["options"]["fit"] == "on"
    assert np.abs(better.rotmat - person.rotmat).max() > 1e-3


def test_an_output_folder_that_is_taken_away_is_an_error(run, tmp_path):
    def take_away(message: str) -> None:
        if json.loads(message)["type"] == "start":
            shutil.rmtree(tmp_path / "out")

    with pytest.raises(TcmrError, match="out"):
        run(tells=[take_away])
    assert not (tmp_path / "out").exists()


def test_a_mistake_in_a_run_leaves_nothing(run, tmp_path, monkeypatch):
    def mistaken(*args):
        raise RuntimeError("a mistake")

    monkeypatch.setattr(job, "follow", mistaken)
    with pytest.raises(RuntimeError, match="a mistake"):
        run()
    assert not (tmp_path / "out").exists()
