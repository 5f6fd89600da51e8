"""What goes wrong around a run: a full disk, a folder that is taken away, kills at any moment."""

import collections
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tcmr.assets import asset_named, fetch
from tcmr.files import file_sha256
from tcmr.result import UNFINISHED

pytestmark = pytest.mark.slow

KILLS = 50
FULL_AT_BYTES = 4000  # room for a manifest, not for a motion


@pytest.fixture(scope="module")
def quick(untrained) -> list[str]:
    return ["--weights", str(untrained), "--no-overlay", "--max-persons", "1"]


def start(folder: Path, *args: object, **how) -> subprocess.Popen:
    command = [sys.executable, "-m", "tcmr", *map(str, args)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, start_new_session=True, **pipes, **how)


def ended(process: subprocess.Popen) -> tuple[int, str]:
    """Return exit code and errors."""
    _, errors = process.communicate()
    assert "Traceback" not in errors
    return process.returncode, errors


def events(folder: Path, kind: str) -> list[dict]:
    path = folder / "out/manifest.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def wait_for(what, process: subprocess.Popen) -> None:
    while not what():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


full_disk = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (FULL_AT_BYTES, FULL_AT_BYTES))


def test_a_full_disk_is_one_line_and_the_earlier_result_stays(street, quick, tmp_path):
    assert ended(start(tmp_path, "run", street, "-o", "out", *quick))[0] == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out/street").iterdir()}
    code, errors = ended(start(tmp_path, "run", street, "-o", "out", *quick, preexec_fn=full_disk))
    assert code == 2
    assert "cannot write" in errors.splitlines()[-1]
    assert {path.name: path.read_bytes() for path in (tmp_path / "out/street").iterdir()} == before


def test_a_full_disk_fails_a_batchs_video_which_is_done_when_there_is_room(street, quick, tmp_path):
    code, errors = ended(
        start(tmp_path, "batch", street, "-o", "out", "--processes", 1, *quick, preexec_fn=full_disk)
    )
    assert code == 1
    assert "cannot write" in errors.splitlines()[-1]
    assert not (tmp_path / "out/street").exists()
    assert ended(start(tmp_path, "batch", street, "-o", "out", "--processes", 1, *quick))[0] == 0
    assert (tmp_path / "out/street/result.json").exists()


@pytest.mark.parametrize("command", ["run", "batch"])
def test_an_output_folder_that_is_taken_away_ends_the_run_and_is_not_made_again(
    command, street, quick, tmp_path
):
    process = start(tmp_path, command, street, "-o", "out", *quick)
    wait_for(lambda: list(tmp_path.glob(f"out/street/{UNFINISHED}*")), process)
    shutil.rmtree(tmp_path / "out")
    code, errors = ended(process)
    assert code == 2
    assert errors.splitlines()[-1].startswith("tcmr: error: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("there", [None, b"cut off"], ids=["missing", "damaged"])
def test_two_processes_that_fetch_into_one_cache_both_get_the_file(there, tmp_path):
    if there is not None:
        (tmp_path / "movenet.tflite").write_bytes(there)
    code = "import sys; from tcmr.assets import fetch; print(fetch('movenet'))"
    environment = os.environ | {"TCMR_CACHE": str(tmp_path)}
    both = [subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert file_sha256(fetch("movenet", cache=tmp_path)) == asset_named("movenet").source.sha256
    assert not [path for path in tmp_path.iterdir() if path.name.startswith((".storing", ".fetching"))]


def kill_command(process: subprocess.Popen, folder: Path) -> None:
    process.kill()


def kill_group(process: subprocess.Popen, folder: Path) -> None:
    os.killpg(process.pid, signal.SIGKILL)


def kill_worker(process: subprocess.Popen, folder: Path) -> None:
    """Kill the worker that was last given a video, or the command where there is none."""
    started = events(folder, "started")
    worker = int(started[-1]["worker"].split()[-1]) if started else process.pid
    if worker in children_of(process.pid):
        os.kill(worker, signal.SIGKILL)
    else:
        process.kill()


def children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


KILLERS = (kill_command, kill_group, kill_worker)


@pytest.mark.timeout(14400)
def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(street, quick, tmp_path):
    """Kill the command, its whole group, or its worker alone; then start the command again."""
    (tmp_path / "in").mkdir()
    for number in range(2):
        (tmp_path / "in" / f"{number}.mp4").write_bytes(street.read_bytes() + bytes(number))
    command = ["batch", tmp_path / "in", "-o", "out", "--processes", 1, *quick]
    reference = tmp_path / "reference"
    reference.mkdir()
    began = time.monotonic()
    process = start(reference, *command)
    wait_for(lambda: events(reference, "started"), process)
    loaded = time.monotonic()
    assert ended(process)[0] == 0
    over = time.monotonic()
    expected = motions(reference)
    assert len(expected) == 2
    rng = random.Random(0)
    moments: collections.Counter[str] = collections.Counter()
    while (kill := moments.total()) < KILLS:
        folder = tmp_path / "killed"
        folder.mkdir()
        process = start(folder, *command)
        if kill % 2:  # while it works, else at any time from the first moment on
            wait_for(partial(events, folder, "started"), process)
            time.sleep(rng.uniform(0, over - loaded))
        else:
            time.sleep(rng.uniform(0, over - began))
        begun, done = len(events(folder, "started")), len(events(folder, "done"))
        before = {path: path.stat().st_mtime_ns for path in folder.glob("out/*/result.json")}
        if process.poll() is None:  # else it was too late
            KILLERS[kill % len(KILLERS)](process, folder)
            moments[f"{begun} begun, {done} done"] += 1
        if process.wait() != 0:  # a command whose worker was killed goes on
            assert ended(start(folder, *command))[0] == 0
        process.communicate()
        assert motions(folder) == expected, kill
        assert not list(folder.glob(f"out/*/{UNFINISHED}*"))
        assert {path: path.stat().st_mtime_ns for path in before} == before  # what was done is not done again
        shutil.rmtree(folder)
        print(f"{moments.total()} of {KILLS} kills, {over - began:.1f} s a run: {moments}", flush=True)


def motions(folder: Path) -> dict[str, bytes]:
    paths = folder.glob("out/*/person-*.npz")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
