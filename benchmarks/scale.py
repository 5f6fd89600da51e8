"""How cost grows with persons, resolution, rate and length: a picture, and a Markdown table.

    python benchmarks/scale.py --picture docs/pictures/scale.png

Counts the processors' time, which a busy machine hardly changes. Each clip is run in a process of its own.
"""

import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import torch
import tyro

from clips import crowd, there_and_back
from machine import machine, status_kb
from tcmr.assets import fetch
from tcmr.job import write_overlay
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.pipeline import run
from tcmr.stages import Stages

ONE_PERSON = "four-camera-clip-3"
GRIDS = {1: (1, 1), 5: (5, 1), 10: (5, 2), 21: (7, 3)}
CLIPS: dict[str, dict[float, Callable[[Path, Path], Path]]] = {
    "persons": {count: partial(crowd, columns=grid[0], rows=grid[1]) for count, grid in GRIDS.items()},
    "megapixels": {
        2.1 * scale**2: partial(there_and_back, scale=scale, fps=30.0) for scale in (0.5, 1.0, 2.0)
    },
    "frames per second": {fps: partial(there_and_back, fps=fps) for fps in (30.0, 60.0, 120.0)},
    "frames": {100 * loops: partial(there_and_back, fps=30.0, loops=loops) for loops in (1, 4, 10)},
}


@dataclass(frozen=True)
class Cost:
    """What a clip costs: milliseconds of the processors a frame, without and for the overlay; memory."""

    frames: int
    fps: float
    persons: int
    motion_ms: float
    overlay_ms: float
    peak_mb: int

    def hours_per_hour(self) -> float:
        """Return the processors' hours for an hour of such video, overlay included."""
        return (self.motion_ms + self.overlay_ms) * self.fps / 1000


def main(picture: Path | None = None) -> None:
    costs: dict[str, dict[float, Cost]] = {}
    for axis, makers in CLIPS.items():
        costs[axis] = {value: measured(make) for value, make in makers.items()}
    print(
        "\n| clip | persons found | motion, ms a frame | overlay, ms a frame | processor hours an hour | peak MB |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    for axis, rows in costs.items():
        for value, each in rows.items():
            print(
                f"| {value:g} {axis} | {each.persons} | {each.motion_ms:.1f} | {each.overlay_ms:.1f} "
                f"| {each.hours_per_hour():.1f} | {each.peak_mb} |"
            )
    print("\n" + json.dumps(machine()))
    if picture is not None:
        draw(costs, picture)


def measured(make: Callable[[Path, Path], Path]) -> Cost:
    """Make a clip, and run it in a process of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        video, short = make(fetch(ONE_PERSON), folder / "clip.mp4"), folder / "short.mp4"
        there_and_back(fetch(ONE_PERSON), short, scale=0.25, most=8)
        with ProcessPoolExecutor(1, get_context("spawn")) as other:
            found = other.submit(cost, video, short).result()
    print(getattr(make, "keywords", ""), found, flush=True)
    return found


def cost(video: Path, short: Path) -> Cost:
    """Run a video after a short one, so that what is done once only is not counted."""
    torch.set_num_threads(1)  # as the command line does
    options, models, stages = Options(), Models.load(Options()), Stages()
    overlay = video.with_name("overlay.mp4")
    write_overlay(run(short, options, models, stages), overlay, options, models, stages)
    began = time.process_time()
    result = run(video, options, models, stages)
    ran = time.process_time()
    write_overlay(result, overlay, options, models, stages)
    drawn = time.process_time()
    frames = len(result.timestamps_s)
    return Cost(
        frames=frames,
        fps=result.clip.fps,
        persons=sum(len(motion) >= 0.8 * frames for motion in result.motions),
        motion_ms=1000 * (ran - began) / frames,
        overlay_ms=1000 * (drawn - ran) / frames,
        # `getrusage` would count the parent's memory, too.
        peak_mb=round(status_kb("VmHWM") / 1024),
    )


def draw(costs: dict[str, dict[float, Cost]], path: Path) -> None:
    """Draw processor time and memory over each axis."""
    figure, grid = plt.subplots(2, len(costs), figsize=(11, 4.6), layout="constrained", sharex="col")
    for (axis, rows), (above, below) in zip(costs.items(), grid.T, strict=True):
        values, found = list(rows), list(rows.values())
        lines: dict[str, list[Any]] = {
            "motion": [each.motion_ms for each in found],
            "overlay": [each.overlay_ms for each in found],
        }
        for name, line in lines.items():
            above.plot(values, line, "o-", label=name)
        below.plot(values, [each.peak_mb for each in found], "o-", color="tab:green")
        below.set_xlabel(axis)
        above.set_ylim(bottom=0)
        below.set_ylim(bottom=0)
    grid[0, 0].set_ylabel("processor ms a frame")
    grid[1, 0].set_ylabel("peak memory, MB")
    grid[0, 0].legend()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    tyro.cli(main)
