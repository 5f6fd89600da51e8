"""How much faster a run is when its stages overlap than one after the other, in one line of JSON.

    python benchmarks/overlap.py --clip four-camera-clip-3 --loops 5 --rounds 3

Both ways run in turn, so that a busy machine hinders them alike. One after the other is one thread on one core.
Says how far apart the joints are, too: they must not move.
"""

import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
import tyro

from clips import there_and_back
from machine import machine
from tcmr.assets import fetch
from tcmr.job import run_to_folder
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.result import Result
from tcmr.stages import Stages


@dataclass(frozen=True)
class Timed:
    """A run, the seconds that it took, and those of the processors."""

    result: Result
    seconds: float
    cpu_s: float


def main(clip: str = "four-camera-clip-3", loops: int = 5, rounds: int = 3, overlay: bool = False) -> None:
    torch.set_num_threads(1)  # as the command line does
    models, alone = Models.load(Options()), Models.load(Options(), threads=1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        video = there_and_back(fetch(clip), folder / "clip.mp4", loops)
        ways = ((alone, 1), (models, 2))
        pairs = [[timed(video, folder, *way, overlay) for way in ways] for _ in range(rounds)]
    frames = len(pairs[0][0].result.timestamps_s)
    print(
        json.dumps(
            {
                "clip": clip,
                "frames": frames,
                "persons": len(pairs[0][0].result.motions),
                "overlay": overlay,
                "frames_per_s_one_thread": [round(frames / one.seconds, 1) for one, _ in pairs],
                "frames_per_s_overlapped": [round(frames / both.seconds, 1) for _, both in pairs],
                "times_as_fast": round(median(one.seconds / both.seconds for one, both in pairs), 2),
                "cpu_ms_per_frame": [
                    [round(1000 * each.cpu_s / frames, 1) for each in pair] for pair in pairs
                ],
                "largest_difference_mm": max(difference_mm(one.result, both.result) for one, both in pairs),
                **machine(),
            }
        )
    )


def timed(video: Path, folder: Path, models: Models, threads: int, overlay: bool) -> Timed:
    """Run a video with so many threads, on as many cores."""
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(everywhere)[:threads])
    began, cpu_began = time.perf_counter(), time.process_time()
    try:
        result = run_to_folder(video, folder / "result", Options(), models, Stages(threads=threads), overlay)
    finally:
        os.sched_setaffinity(0, everywhere)
    return Timed(result, time.perf_counter() - began, time.process_time() - cpu_began)


def difference_mm(one: Result, other: Result) -> float:
    """Return how far apart any joint is in two results of one video."""
    pairs = zip(one.motions, other.motions, strict=True)
    places = [[motion.joints_m + np.asarray(motion.transl_m)[:, None] for motion in pair] for pair in pairs]
    return 1000 * max(float(np.linalg.norm(a - b, axis=-1).max()) for a, b in places)


if __name__ == "__main__":
    tyro.cli(main)
