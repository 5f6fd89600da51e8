"""The work on real frames: from folder to folder, from store to store, with options of its own."""

import json
from pathlib import Path

import fsspec
import pytest

from tcmr.batch.events import Done, Planned
from tcmr.batch.work import VideoWork
from tcmr.batch.worker import attempt
from tcmr.options import Options


@pytest.fixture(scope="module")
def options(untrained) -> Options:
    return Options(weights=str(untrained), max_persons=1)


def task(video: str, **choices: str) -> Planned:
    return Planned(id="1", video=video, folder="street", sha256=None, stamp=None, choices=choices)


@pytest.fixture(scope="module")
def local(street, options, tmp_path_factory) -> Path:
    """Do one video from folder to folder."""
    output = tmp_path_factory.mktemp("out")
    work = VideoWork(options, draw=False, output=str(output))()
    outcome = attempt(work, task(str(street)))
    assert isinstance(outcome, Done), outcome
    assert (outcome.frames, outcome.persons) == (12, 1)
    return output / "street"


def test_from_store_to_store_is_the_same_as_from_folder_to_folder(local, street, options):
    memory = fsspec.filesystem("memory")
    memory.pipe("/in/street.mp4", street.read_bytes())
    memory.pipe("/in/bad.mp4", b"no video")
    work = VideoWork(options, draw=False, output="memory:///out")()
    assert isinstance(attempt(work, task("memory:///in/street.mp4")), Done)
    assert memory.cat("/out/street/person-1.npz") == (local / "person-1.npz").read_bytes()
    result = json.loads(memory.cat("/out/street/result.json"))
    assert result["video"] == "memory:///in/street.mp4"
    assert sorted(Path(path).name for path in memory.find("/out")) == ["person-1.npz", "result.json"]
    created = {Path(path).name: memory.created(path) for path in memory.find("/out")}
    assert max(created, key=created.__getitem__) == "result.json"
    failed = attempt(work, task("memory:///in/bad.mp4"))
    assert failed.error.startswith("memory:///in/bad.mp4: cannot be read as a video")
    memory.rm("/in", recursive=True)
    memory.rm("/out", recursive=True)


def test_a_videos_own_options_hold_for_it(local, street, options, tmp_path):
    work = VideoWork(options, draw=False, output=str(tmp_path))()
    assert isinstance(attempt(work, task(str(street), focal="1234.5")), Done)
    assert json.loads((tmp_path / "street" / "result.json").read_text())["camera"]["focal_px"] == 1234.5
    assert json.loads((local / "result.json").read_text())["camera"]["focal_px"] != 1234.5
