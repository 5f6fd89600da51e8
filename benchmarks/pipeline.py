"""Speed and memory of a whole run, in one line of JSON.

    python benchmarks/pipeline.py --clip four-camera-clip-1 --loops 4 --no-overlay

Run it twice: the first run on a machine compiles. Memory is flat if more loops do not need more of it.
"""

import json
import os
import platform
import resource
import tempfile
from importlib.metadata import version
from pathlib import Path

import torch
import tyro

from tcmr.assets import fetch
from tcmr.job import run_to_folder
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.stages import Stages
from tcmr.video.read import open_clip
from tcmr.video.write import VideoWriter


def main(clip: str = "sample-clip", loops: int = 1, overlay: bool = True, weights: str = "open") -> None:
    torch.set_num_threads(1)  # as the command line does
    stages = Stages(show=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        video = fetch(clip) if loops == 1 else looped(fetch(clip), loops, folder / "looped.mp4")
        models = Models.load(Options(weights=weights))
        result = run_to_folder(video, folder / "result", Options(weights=weights), models, stages, overlay)
    frames, total = len(result.timestamps_s), result.seconds["total"]
    print(
        json.dumps(
            {
                "clip": clip,
                "size": [result.clip.width, result.clip.height],
                "frames": frames,
                "persons": len(result.motions),
                "overlay": overlay,
                "frames_per_s": round(frames / total, 2),
                "shares": {stage: round(spent / total, 3) for stage, spent in result.seconds.items()},
                "cpu_s": round(sum(os.times()[:2]), 1),
                "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
                "load_before": round(os.getloadavg()[2], 1),
                "versions": {
                    name: version(name) for name in ("tcmr", "torch", "numpy", "av", "ai-edge-litert")
                },
            }
        )
    )


def looped(video: Path, loops: int, path: Path) -> Path:
    """Write a video several times in a row."""
    with open_clip(video) as reader:
        clip = reader.clip
        with VideoWriter(path, width=clip.width, height=clip.height, fps=clip.fps) as writer:
            for _ in range(loops):
                for frame in reader:
                    writer.write(frame.rgb)
    return path


if __name__ == "__main__":
    tyro.cli(main)
