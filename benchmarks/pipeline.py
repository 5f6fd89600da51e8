"""Speed and memory of a whole run, in one line of JSON.

    python benchmarks/pipeline.py --clip four-camera-clip-3 --loops 3 --no-overlay

Run it twice: the first run on a machine compiles. Memory is flat if more loops do not need more of it.
`cpu_ms_per_frame` is the processors' time, which a busy machine hardly changes: "rest" is motion, and the overlay
where there is one; with more threads than one, much of the landmarks too. `busy` is the time of each stage in its own
threads as a share of the whole run's; stages overlap, so that it may come to more than 1, and `decode`, `draw` and
`encode` are what the main thread waits for them.
"""

import json
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import torch
import tyro

from clips import there_and_back
from machine import machine
from tcmr.assets import fetch
from tcmr.features.blazepose import THREADS
from tcmr.job import run_to_folder
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.stages import Stages
from tcmr.video.read import open_clip


@dataclass
class Clocked(Stages):
    """Stages that count the processor's time of the threads that they run in, too."""

    cpu_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the time that a block takes to a stage."""
        began = time.thread_time()
        with super().timed(name):
            yield
        self.cpu_s[name] += time.thread_time() - began


def main(
    clip: str = "sample-clip",
    loops: int | None = None,
    fps: float | None = None,
    overlay: bool = True,
    weights: str = "open",
    mirrored: Literal["on", "off"] = "on",
    threads: int = THREADS,
) -> None:
    """Run a clip as it is, or forwards and backwards `loops` times, at another rate if that is given.

    With one thread no stage works in another's, so that the processor's time of each is all of it.
    """
    torch.set_num_threads(1)  # as the command line does
    stages = Clocked(show=True, threads=threads)
    options = Options(weights=weights, mirrored=mirrored)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        video = fetch(clip)
        if loops is not None:
            with ProcessPoolExecutor(1, get_context("spawn")) as other:  # so that its memory is not counted
                made = other.submit(there_and_back, video, folder / "looped.mp4", loops, fps=fps)
                video = made.result()
        decode_ms = decoding_ms(video)
        models = Models.load(options, threads)
        cpu_s = time.process_time()
        result = run_to_folder(video, folder / "result", options, models, stages, overlay)
        cpu_s = time.process_time() - cpu_s
    frames, total = len(result.timestamps_s), result.seconds["total"]
    parts = {"decode": decode_ms} | {
        stage: 1000 * stages.cpu_s[stage] / frames for stage in ("detect", "landmarks")
    }
    rest = 1000 * cpu_s / frames - sum(parts.values())
    print(
        json.dumps(
            {
                "clip": clip,
                "size": [result.clip.width, result.clip.height],
                "fps": round(result.clip.fps, 2),
                "frames": frames,
                "persons": len(result.motions),
                "overlay": overlay,
                "mirrored": mirrored,
                "threads": threads,
                "frames_per_s": round(frames / total, 2),
                "busy": {stage: round(spent / total, 3) for stage, spent in result.seconds.items()},
                "cpu_ms_per_frame": {stage: round(ms, 1) for stage, ms in (parts | {"rest": rest}).items()},
                "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                **machine(),
            }
        )
    )


def decoding_ms(video: Path) -> float:
    """Return the processors' time that a frame takes until it is an RGB picture, in milliseconds."""
    with open_clip(video) as reader:
        began = time.process_time()
        count = sum(1 for _ in reader)
    return 1000 * (time.process_time() - began) / count


if __name__ == "__main__":
    tyro.cli(main)
