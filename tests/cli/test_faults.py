"""What goes wrong around a command: no room on the disk, a clock that goes back, a GPU that is not there."""

import json
import re
import resource
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tcmr.files import file_sha256

SOURCE = Path(__file__).parents[2] / "src" / "tcmr"
ROOM_BYTES = 4000
full_disk = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (ROOM_BYTES, ROOM_BYTES))


def run(*args: object, **how) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tcmr", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, **how)


@pytest.fixture(scope="module")
def made(street, untrained, tmp_path_factory) -> Path:
    """Make a result and features, where there is room."""
    folder = tmp_path_factory.mktemp("made")
    choices = ("-o", folder, "--weights", untrained, "--max-persons", 1)
    assert run("run", street, *choices).returncode == 0
    assert run("features", street, *choices).returncode == 0
    return folder / "street"


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        "run {street} -o {out} {quick}",
        "run {street} -o {out} {quick} --no-overlay",
        "features {street} -o {out} {quick}",
        "predict {made}/features-1-0.npz -o {out}/motion.npz --weights {weights}",
        "export {made} --to bvh -o {out}",
        "export {made} --to glb -o {out}",
        "export {made} --to csv -o {out}",
        "view {made} --export {out}/page.html",
    ],
)
def test_a_full_disk_is_one_line_and_nothing_is_left(command, made, street, untrained, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    quick = f"--weights {untrained} --max-persons 1"
    words = command.format(street=street, out=out, made=made, weights=untrained, quick=quick).split()
    done = run(*words, preexec_fn=full_disk)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("tcmr: error: ")
    assert "write" in last
    assert str(tmp_path) in last
    assert [path for path in out.rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_a_disk_that_is_really_full(made, street, untrained, tmp_path):
    """A file system on which there is room for an earlier result and 16 KB."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no file systems may be made here")
    disk, earlier = tmp_path / "disk", tmp_path / "street"
    disk.mkdir()
    earlier.mkdir()
    files = [Path(shutil.copy(made / name, earlier)) for name in ("person-1.npz", "result.json")]
    room = sum(-(-file.stat().st_size // 4096) * 4096 for file in files) + 16384
    script = (
        f'mount -t tmpfs -o size={room} tmpfs "$0"; cp -r "$1" "$0"; shift; "$@"; code=$?;'
        ' cd "$0/street"; ls -A; sha256sum *; exit $code'
    )
    command = [sys.executable, "-m", "tcmr", "run", street, "-o", disk, "--weights", untrained]
    done = subprocess.run(
        ["unshare", "-rm", "bash", "-c", script, disk, earlier, *command], capture_output=True, text=True
    )
    assert done.returncode == 2, done.stderr
    assert "No space left" in done.stderr.splitlines()[-1]
    names = [file.name for file in files]
    hashes = [f"{file_sha256(file)}  {file.name}" for file in files]
    assert done.stdout.splitlines()[-4:] == names + hashes


BACKWARDS = """
import itertools, time
now = itertools.count(2_000_000_000, -3600)
time.time = lambda: float(next(now))
time.time_ns = lambda: next(now) * 10**9
"""


@pytest.mark.slow
def test_a_clock_that_goes_back_an_hour_at_every_look(street, untrained, tmp_path, monkeypatch):
    """Every process has it, and files get any time of change between two starts."""
    (tmp_path / "sitecustomize.py").write_text(BACKWARDS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    probe = "import time; print(time.time() > time.time())"
    assert subprocess.check_output([sys.executable, "-c", probe], text=True) == "True\n"
    video = Path(shutil.copy(street, tmp_path / "video.mp4"))
    job = ["batch", video, "-o", tmp_path / "out", "--processes", 1, "--weights", untrained, "--no-overlay"]
    first = run(*job)
    assert first.returncode == 0, first.stderr
    result = tmp_path / "out/video/result.json"
    told = json.loads(result.read_text())
    assert all(0 <= seconds < 300 for seconds in told["seconds"].values())
    content = result.read_bytes()
    for path, time_s in ((video, 0), (result, 4_000_000_000)):
        subprocess.run(["touch", "-d", f"@{time_s}", path], check=True)
    second = run(*job)
    assert second.returncode == 0, second.stderr
    assert result.read_bytes() == content
    events = [
        json.loads(line)["event"] for line in (tmp_path / "out/manifest.jsonl").read_text().splitlines()
    ]
    assert (events.count("started"), events.count("done")) == (1, 1)


# Where the date is written down for people to read, and nothing is decided by it.
DATED = {"batch/manifest.py", "model/checkpoint.py"}


def test_nothing_is_timed_by_a_clock_that_can_be_set():
    pattern = re.compile(r"\btime\.time(_ns)?\(|\bdatetime\.now\(|\bfrom time import")
    asking = {
        str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if pattern.search(path.read_text())
    }
    assert asking == DATED


@pytest.mark.parametrize(
    "command",
    [
        "run {street} -o {out}",
        "run --source - -o {out}",
        "features {street} -o {out}",
        "demo -o {out}",
        "evaluate --data demo",
    ],
)
@pytest.mark.parametrize("device", ["cuda", "cuda:7", "gpu"])
def test_a_device_that_is_not_there_is_one_line(command, device, refused, street, tmp_path):
    words = command.format(street=street, out=tmp_path / "out").split()
    said = refused(*words, "--device", device)
    assert repr(device) in said
    assert "--device cpu" in said
    assert not list((tmp_path / "out").glob("*/*"))


def test_prediction_on_a_device_that_is_not_there(refused, tmp_path):
    np.save(tmp_path / "features.npy", np.zeros((4, 512), np.float32))
    said = refused("predict", tmp_path / "features.npy", "-o", tmp_path / "out.npz", "--device", "cuda")
    assert "--device cpu" in said
