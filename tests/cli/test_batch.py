"""`tcmr batch` as a user runs it, on real frames."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tcmr.batch.events import Failed
from tcmr.batch.run import run_batch
from tcmr.cli import main
from tcmr.options import Options


def start(folder: Path, *args: object, **how) -> subprocess.Popen:
    command = [sys.executable, "-m", "tcmr", "batch", *map(str, args)]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how
    )


def events(output: Path, kind: str) -> list[dict]:
    lines = (output / "manifest.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


@pytest.fixture(scope="module")
def quick(untrained) -> list[str]:
    return ["--weights", str(untrained), "--no-overlay", "--max-persons", "1", "--processes", "1"]


@pytest.fixture(scope="module")
def batch(street, quick, tmp_path_factory) -> tuple[Path, str, str]:
    """Run a batch of everything once: two of one name, a copy, a bad one and a missing one of a list."""
    folder = tmp_path_factory.mktemp("batch")
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    content = street.read_bytes()
    (folder / "a" / "street.mp4").write_bytes(content)
    (folder / "b" / "street.mp4").write_bytes(content + b"\0" * 8)  # another file, the same pictures
    (folder / "b" / "copy.mp4").write_bytes(content)
    (folder / "b" / "bad.mp4").write_bytes(b"no video")
    (folder / "list.csv").write_text("video,focal\na/street.mp4,1000\ngone.mp4,\n")
    run = start(folder, "a", "b/*", "list.csv", "-o", "out", *quick)
    said, errors = run.communicate()
    assert run.returncode == 1, errors
    return folder / "out", said, errors


def test_every_content_is_done_once_in_a_folder_of_its_own(batch):
    output, _, _ = batch
    folders = {path.parent.name for path in output.glob("*/result.json")}
    planned = events(output, "planned")
    assert len(planned) == 6
    assert len({event["id"] for event in planned}) == 5
    assert len(folders) == 3
    assert all(name.split("-")[0] == "street" for name in folders)
    assert len(events(output, "started")) == 5
    same = [(output / name / "person-1.npz").read_bytes() for name in folders]
    assert len(set(same)) == 2  # the focal length of the list's row changes where the person is
    assert {path.name for path in (output / "street").iterdir()} == {"result.json", "person-1.npz"}


def test_what_failed_and_why_is_in_the_manifest_and_said_at_the_end(batch):
    output, said, errors = batch
    failures = {event["error"].split(": ")[0]: event["error"] for event in events(output, "failed")}
    assert [Path(name).name for name in failures] == ["bad.mp4", "gone.mp4"]
    for name, error in failures.items():
        assert f"tcmr: failed: {error}" in errors, name
    assert "Traceback" not in errors
    assert "done: 3 videos, 36 frames, 3 persons" in said
    assert "failed: 2 videos" in said
    assert "the same as another: 1 videos" in said


def test_started_again_it_does_only_what_has_failed(batch, quick):
    output, _, _ = batch
    folder = output.parent
    results = {path: path.stat().st_mtime_ns for path in output.glob("*/*")}
    (folder / "gone.mp4").write_bytes((folder / "a" / "street.mp4").read_bytes() + b"\0")
    said = []
    report = run_batch(
        [str(folder / "a"), str(folder / "b/*"), str(folder / "list.csv")],
        output,
        Options(weights=quick[1], max_persons=1),
        overlay=False,
        processes=1,
        listener=lambda task, outcome, count, total: said.append((Path(task.video).name, count, total)),
    )
    assert said == [("bad.mp4", 1, 2), ("gone.mp4", 2, 2)]
    assert len(report.already) == 3
    assert [Path(task.video).name for task in report.failed] == ["bad.mp4"]
    assert isinstance(report.outcomes[report.failed[0].id], Failed)
    assert {path: path.stat().st_mtime_ns for path in results} == results
    assert (output / "gone" / "result.json").exists()


def test_one_video_need_not_be_in_a_list(batch, quick):
    output, _, _ = batch
    video = output.parent / "a" / "street.mp4"
    for given in (video, str(video)):
        report = run_batch(given, output, Options(weights=quick[1], max_persons=1), overlay=False)
        assert [task.video for task in report.planned] == [str(video)]


def test_a_result_that_was_written_but_not_noted_is_not_done_again(batch, quick, capsys):
    """As a kill between the two leaves it."""
    output, _, _ = batch
    manifest = output / "manifest.jsonl"
    lines = manifest.read_text().splitlines(keepends=True)
    first = events(output, "planned")[0]
    manifest.write_text("".join(line for line in lines if not ('"done"' in line and first["id"] in line)))
    main(["batch", str(output.parent / "a"), "-o", str(output), *quick])
    assert "done before: 1 videos, 12 frames, 1 persons" in capsys.readouterr().out
    assert events(output, "done")[-1]["id"] == first["id"]


def test_interrupted_it_stops_at_once_and_goes_on_later(street, quick, tmp_path):
    run = start(tmp_path, street, "-o", "out", *quick, start_new_session=True)
    while not (tmp_path / "out/manifest.jsonl").exists() or not events(tmp_path / "out", "started"):
        assert run.poll() is None
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)
    _, errors = run.communicate()
    assert run.returncode == 130
    assert errors.splitlines()[-1] == "tcmr: interrupted"
    assert "Traceback" not in errors
    assert not (tmp_path / "out/street/result.json").exists()


def test_bad_input_is_refused_before_anything_is_done(refused, street, tmp_path):
    out = tmp_path / "out"
    assert "missing.mp4: there is no such file" in refused(
        "batch", street, tmp_path / "missing.mp4", "-o", out
    )
    assert "processes must be above 0" in refused("batch", street, "-o", out, "--processes", "0")
    (tmp_path / "list.csv").write_text("video,device\na.mp4,cuda\n")
    assert "'device' cannot be set for one video" in refused("batch", tmp_path / "list.csv", "-o", out)
    assert not out.exists()


def test_a_device_that_is_not_there_is_said_once_and_nothing_is_left(refused, street, tmp_path):
    assert "'cuda'" in refused("batch", street, "-o", tmp_path / "out", "--device", "cuda")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"manifest.jsonl", ".manifest.lock"}
    assert "'cuda'" in refused("run", street, "-o", tmp_path / "single", "--device", "cuda")
    assert list((tmp_path / "single").iterdir()) == []
