"""Memory over a long clip: a picture of the curve, and one line of JSON.

    python benchmarks/long.py --frames 20000 --picture docs/pictures/long.png

The clip is a real one, forwards and backwards again and again, so that one person is followed from end to end.
"""

import json
import resource
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import matplotlib.pyplot as plt
import numpy as np
import torch
import tyro

from clips import there_and_back
from machine import machine
from tcmr.assets import fetch
from tcmr.job import run_to_folder
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.stages import Stages

T = TypeVar("T")
EVERY_S = 1.0
FINDING = "finding people"
PAGE_KB = resource.getpagesize() / 1024


@dataclass(frozen=True)
class Sample:
    """What the process held at a moment, and which frame of what it was at."""

    time_s: float
    stage: str
    frame: int
    memory_mb: float


@dataclass
class Watched(Stages):
    """Stages that tell which frame they are at."""

    stage: str = "start"
    frame: int = 0
    samples: list[Sample] = field(default_factory=list)

    def progress(
        self, label: str, items: Iterable[T], total: int | None, unit: str = "frames"
    ) -> Iterator[T]:
        """Yield items and count them."""
        self.stage = label
        for self.frame, item in enumerate(super().progress(label, items, total, unit)):
            yield item
        self.stage = "motion"

    def watch(self, ended: threading.Event) -> None:
        """Note the memory every second until the end."""
        began = time.perf_counter()
        while not ended.wait(EVERY_S):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            elapsed = time.perf_counter() - began
            self.samples.append(Sample(elapsed, self.stage, self.frame, pages * PAGE_KB / 1024))


def main(
    clip: str = "four-camera-clip-3",
    frames: int = 20_000,
    overlay: bool = True,
    picture: Path | None = None,
) -> None:
    torch.set_num_threads(1)  # as the command line does
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with ProcessPoolExecutor(1, get_context("spawn")) as other:  # so that its memory is not counted
            loops = frames // 200
            video = other.submit(there_and_back, fetch(clip), folder / "long.mp4", loops).result()
        stages, ended = Watched(show=True), threading.Event()
        watcher = threading.Thread(target=stages.watch, args=(ended,))
        watcher.start()
        cpu_s, began = time.process_time(), time.perf_counter()
        try:
            result = run_to_folder(
                video, folder / "result", Options(), Models.load(Options()), stages, overlay
            )
        finally:
            ended.set()
            watcher.join()
        cpu_s, seconds = time.process_time() - cpu_s, time.perf_counter() - began
    count = len(result.timestamps_s)
    finding = [sample for sample in stages.samples if sample.stage == FINDING and sample.frame > count / 10]
    growth = np.polyfit([each.frame for each in finding], [1024 * each.memory_mb for each in finding], 1)
    if picture is not None:
        draw(stages.samples, picture, f"{count} frames, {result.clip.width} x {result.clip.height}")
    print(
        json.dumps(
            {
                "clip": clip,
                "frames": count,
                "persons": [len(motion) for motion in result.motions],
                "overlay": overlay,
                "frames_per_s": round(count / seconds, 1),
                "cpu_ms_per_frame": round(1000 * cpu_s / count, 1),
                "growth_kb_per_frame_while_finding_people": round(float(growth[0]), 2),
                "memory_mb": {stage: memory_mb(stages.samples, stage) for stage in stages_of(stages.samples)},
                "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                **machine(),
            }
        )
    )


def stages_of(samples: list[Sample]) -> list[str]:
    """Return the stages in order."""
    return list(dict.fromkeys(sample.stage for sample in samples))


def memory_mb(samples: list[Sample], stage: str) -> list[int]:
    """Return what was held at the start, in the middle and at the end of a stage."""
    held = [sample.memory_mb for sample in samples if sample.stage == stage]
    return [round(held[place]) for place in (0, len(held) // 2, -1)]


def draw(samples: list[Sample], path: Path, title: str) -> None:
    """Draw memory over time, a colour for each stage."""
    figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    for stage in stages_of(samples):
        here = [sample for sample in samples if sample.stage == stage]
        axes.plot(
            [each.time_s / 60 for each in here], [each.memory_mb for each in here], ".", ms=2, label=stage
        )
    axes.set(title=title, xlabel="minutes", ylabel="memory of the process, MB")
    axes.set_ylim(bottom=0)
    axes.legend(markerscale=4)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    tyro.cli(main)
