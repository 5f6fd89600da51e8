"""Memory of the motion stage over a long clip, without its pictures: one line of JSON.

    python benchmarks/motion_memory.py --frames 108000 --no-fit

The track of one person in a real clip, forwards and backwards again and again, goes through sides, features, TCMR
and fitting as in a run; nothing is decoded. Linux only.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import torch
import tyro

from machine import machine, status_kb
from tcmr.assets import fetch
from tcmr.camera import PinholeCamera
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.people.sides import settle_sides
from tcmr.pipeline import by_person, estimate, find_people, landmark_describer
from tcmr.stages import Stages
from tcmr.types import Motion, Track
from tcmr.video.read import open_clip

WARM_UP_FRAMES = 1200  # of which each thread fits some


def main(clip: str = "four-camera-clip-3", frames: int = 20_000, fit: bool = True) -> None:
    torch.set_num_threads(1)  # as the command line does
    options, stages = Options(fit="on" if fit else "off"), Stages()
    models = Models.load(options)
    with open_clip(fetch(clip)) as reader:
        tracks = find_people(reader, models, options, stages).tracks
    seen, fps = max(tracks, key=lambda track: len(track.frames)), reader.clip.fps
    camera = PinholeCamera.assumed(reader.clip.width, reader.clip.height, None)

    def moved(track: Track) -> list[Motion]:
        with stages.workers() as map_stretches:
            describer = landmark_describer(models.backbone, camera, fps)
            return by_person([estimate(track, describer, camera, fps, models, options, map_stretches)])

    moved(there_and_back(seen, WARM_UP_FRAMES))
    memory: dict[str, float] = {}
    with measured("track", frames, memory):
        track = there_and_back(seen, frames)
    with measured("sides", frames, memory):
        track = settle_sides(track, fps)
    with measured("motion", frames, memory):
        moved(track)
    print(json.dumps({"clip": clip, "frames": frames, "fit": fit, **memory, **machine()}))


def there_and_back(track: Track, frames: int) -> Track:
    """Return a track of so many frames, forwards and backwards again and again."""
    last = len(track.frames) - 1
    rows = last - np.abs(last - np.arange(frames) % max(1, 2 * last))
    chosen = {entry.name: getattr(track, entry.name) for entry in fields(track)}
    arrays = {name: value[rows] for name, value in chosen.items() if isinstance(value, np.ndarray)}
    return replace(track, **{**arrays, "frames": np.arange(frames)})


@contextmanager
def measured(stage: str, frames: int, memory: dict[str, float]) -> Iterator[None]:
    """Note how far a stage's peak is above what was held before it, and the process' peak."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = status_kb("VmRSS")
    yield
    peak = status_kb("VmHWM")
    memory[f"{stage}_kb_per_frame"] = round((peak - before) / frames, 2)
    memory[f"{stage}_peak_mb"] = round(peak / 1024)


if __name__ == "__main__":
    tyro.cli(main)
