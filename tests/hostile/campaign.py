"""Feed hostile inputs to readers, in a child process under limits of time and memory.

    python -m tests.hostile.campaign motion --inputs 10000
    python -m tests.hostile.campaign all --inputs 10000 --record tests/hostile/campaign.json

An input is known by its surface and number: `--first N --inputs 1` does one again.
"""

import argparse
import json
import os
import platform
import resource
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

from .surfaces import SURFACES

SECONDS_OF_SILENCE = 120.0  # by the clock: the machine may be busy
SECONDS_TO_START = 900.0
PACKAGES = ("numpy", "torch", "av", "safetensors", "scipy", "h5py")
# Rows of a surface, its first input, and the one after its last.
Plan = list[tuple[str, int, int]]


@dataclass
class Tally:
    """How a campaign went; `crashes` has what happened and the numbers of the inputs that it happened with.

    `found` are the inputs whose error has the text `wanted`.
    """

    surface: str
    inputs: int = 0
    values: int = 0
    errors: int = 0
    slowest_s: float = 0.0
    most_mb: int = 0
    crashes: dict[str, list[int]] = field(default_factory=dict)
    wanted: str = ""
    found: list[int] = field(default_factory=list)

    def take(self, word: str, number: int, rest: str) -> None:
        """Take note of what became of an input."""
        self.inputs += 1
        if word == "crash":
            self.crashes.setdefault(rest, []).append(number)
            return
        outcome, seconds, megabytes, *message = rest.split(maxsplit=3)
        self.values += outcome == "value"
        self.errors += outcome == "error"
        self.slowest_s = max(self.slowest_s, float(seconds))
        self.most_mb = max(self.most_mb, int(megabytes))
        if self.wanted and message and self.wanted in message[0]:
            self.found.append(number)


def run_campaign(plan: Plan, wanted: str = "") -> dict[str, Tally]:
    """Feed inputs to surfaces; a child that dies or hangs counts as a crash, and the next goes on after it."""
    tallies = {name: Tally(name, wanted=wanted) for name, _, _ in plan}
    with tempfile.TemporaryDirectory(prefix="tcmr-hostile-") as folder:
        while plan:
            for line in _child(plan, Path(folder)):
                word, name, number, rest = line.split(maxsplit=3)
                tallies[name].take(word, int(number), rest)
                plan = _after(plan, name, int(number))
    return tallies


def _after(plan: Plan, name: str, number: int) -> Plan:
    """Return what of a plan is left."""
    here = next(
        place for place, (each, first, last) in enumerate(plan) if each == name and first <= number < last
    )
    last = plan[here][2]
    return [*([(name, number + 1, last)] if number + 1 < last else []), *plan[here + 1 :]]


def _child(plan: Plan, folder: Path) -> Iterator[str]:
    """Run one child; yield what became of each input, the one that ended the child included."""
    command = [sys.executable, "-m", f"{__package__}.child", json.dumps(plan), str(folder)]
    search = os.pathsep.join(filter(None, [*sys.path, os.getcwd()]))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": search}
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL, env=environment
        )
        started = None
        try:
            for line in _lines(child):
                if line.startswith("start "):
                    started = line.removeprefix("start ")
                else:
                    started = None
                    yield line
        except TimeoutError:
            if started is None:
                raise
            yield f"crash {started} hung"
            return
        finally:
            child.kill()
            code = child.wait()
            child.stdout.close()
        if code == 1:  # a mistake of the child itself
            said.seek(0)
            raise RuntimeError(f"input {started}: {said.read()[-2000:]}")
        if started is not None:
            yield f"crash {started} the process died ({code})"


def _lines(child: "subprocess.Popen[bytes]") -> Iterator[str]:
    """Yield lines as they come; each within its time."""
    waiting = b""
    limit = SECONDS_TO_START
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(limit):
                raise TimeoutError
            piece = os.read(child.stdout.fileno(), 1 << 16)
            if not piece:
                child.wait()
                return
            *lines, waiting = (waiting + piece).split(b"\n")
            for line in lines:
                yield line.decode()
            # Between two surfaces samples are made.
            limit = SECONDS_OF_SILENCE if lines and lines[-1].startswith(b"start") else SECONDS_TO_START


def main() -> None:
    """Run campaigns from the command line; exit with 1 where anything crashed."""
    parser = argparse.ArgumentParser(description="Feed hostile inputs to readers.")
    parser.add_argument("surfaces", nargs="+", choices=[*SURFACES, "all"])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--saying", default="", help="show the inputs whose error has this text")
    parser.add_argument("--record", type=Path, help="JSON file to which the figures are added")
    asked = parser.parse_args()
    crashed = False
    for name in SURFACES if "all" in asked.surfaces else asked.surfaces:
        began = time.monotonic()
        tally = run_campaign([(name, asked.first, asked.first + asked.inputs)], asked.saying)[name]
        _tell(tally, time.monotonic() - began)
        crashed |= bool(tally.crashes)
        if asked.record:
            _record(asked.record, tally)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"processor time: {used.ru_utime + used.ru_stime:.0f} s")
    sys.exit(crashed)


def _tell(tally: Tally, seconds: float) -> None:
    print(
        f"{tally.surface}: {tally.inputs} inputs, {tally.values} read, {tally.errors} refused, "
        f"{sum(map(len, tally.crashes.values()))} crashes; slowest {tally.slowest_s:.2f} s, "
        f"most memory {tally.most_mb} MB; {seconds:.0f} s",
        flush=True,
    )
    if tally.wanted:
        print(f"  {len(tally.found)} say {tally.wanted!r}: inputs {tally.found}", flush=True)
    for what, numbers in sorted(tally.crashes.items(), key=lambda crash: -len(crash[1])):
        print(f"  {len(numbers)} x {what} (input {numbers[0]})", flush=True)


def _record(path: Path, tally: Tally) -> None:
    record = json.loads(path.read_text()) if path.exists() else {"surfaces": {}}
    record["machine"] = f"{platform.machine()}, {os.cpu_count()} CPU cores"
    record["versions"] = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    figures = {key: value for key, value in asdict(tally).items() if key not in ("wanted", "found")}
    record["surfaces"][tally.surface] = figures
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
