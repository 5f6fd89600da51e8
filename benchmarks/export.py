"""Time, memory and size of exports, and what the mesh loses: `python benchmarks/export.py RESULT [--minutes 10]`.

RESULT is a result folder of `tcmr run`; its first person is repeated, to and fro, to fill the minutes. Prints a
line of JSON for each format; each is measured in a process of its own.
"""

import json
import multiprocessing
import resource
import tempfile
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro
from tyro.conf import Positional

from machine import machine
from tcmr.body import BodyModel, load_body
from tcmr.export import FORMATS, export_motions
from tcmr.export.saved import Saved
from tcmr.export.skin import strongest
from tcmr.types import Motion
from tcmr.world.place import Placing
from tcmr.world.shape import with_one_shape

EVERY = 10  # frames between those whose meshes are compared


def main(result: Positional[Path], minutes: float = 10.0, place: Placing = "camera") -> None:
    motion = Saved.open(result).motions[0]
    print(
        json.dumps(
            {
                **machine("scipy", "usd-core"),
                "mesh_error_mm": mesh_errors_mm(motion, load_body(motion.body.split()[0])),
            }
        )
    )
    for suffix in FORMATS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(json.dumps(pool.apply(measured, (motion, minutes, suffix, place))), flush=True)


def measured(motion: Motion, minutes: float, suffix: str, place: Placing) -> dict[str, Any]:
    """Export 300 frames, which compiles and loads what there is to, then the minutes; the memory is both's."""
    torch.set_num_threads(1)
    frames = round(minutes * 60 * motion.fps)
    _, _, small_mb = exported(repeated(motion, 300), suffix, place)
    seconds, cpu_seconds, large_mb = exported(repeated(motion, frames), suffix, place)
    return {
        "format": suffix,
        "place": place,
        "file_mb_of_300_frames": small_mb,
        "frames": frames,
        "file_mb": large_mb,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def exported(motion: Motion, suffix: str, place: Placing) -> tuple[float, float, float]:
    """Export once; return seconds, seconds of processor time, and megabytes of file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"motion.{suffix}"
        began, cpu_began = time.perf_counter(), time.process_time()
        export_motions(motion, path, place=place)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
        return round(seconds, 2), round(cpu_seconds, 2), round(path.stat().st_size / 1e6, 2)


def repeated(motion: Motion, frames: int) -> Motion:
    """Play a motion forwards and backwards until there are enough frames."""
    rows = np.resize(np.r_[0 : len(motion), len(motion) - 1 : -1 : -1], frames)
    columns = {
        entry.name: getattr(motion, entry.name)[rows]
        for entry in fields(motion)
        if isinstance(getattr(motion, entry.name), np.ndarray)
    }
    return replace(motion, **{**columns, "frames": np.arange(frames)})


def mesh_errors_mm(motion: Motion, body: BodyModel) -> dict[str, dict[str, float]]:
    """Measure what four weights a vertex, and no pose blend shapes, do to a motion's mesh."""
    kept = with_one_shape(motion, body)
    weights = body.skin_weights.numpy()
    joints, strong = strongest(weights)
    four = np.zeros_like(weights)
    np.add.at(four, (np.arange(len(four))[:, None], joints), strong)
    full = vertices_m(kept, body)
    without = replace(body, pose_dirs=torch.zeros_like(body.pose_dirs))
    return {
        "four weights a vertex": summary_mm(
            full, vertices_m(kept, replace(body, skin_weights=torch.from_numpy(four)))
        ),
        "no pose blend shapes": summary_mm(full, vertices_m(kept, without)),
    }


def vertices_m(motion: Motion, body: BodyModel) -> torch.Tensor:
    """Return the mesh of every tenth frame."""
    rotmat = torch.from_numpy(motion.rotmat[::EVERY])
    return body.with_shape(torch.from_numpy(motion.betas[0])).with_pose(rotmat).vertices()


def summary_mm(a: torch.Tensor, b: torch.Tensor) -> dict[str, float]:
    """Return mean, 99th percentile and maximum of the distances."""
    off = 1e3 * (a - b).norm(dim=-1).numpy()
    return {
        "mean": round(float(off.mean()), 2),
        "p99": round(float(np.percentile(off, 99)), 1),
        "max": round(float(off.max()), 1),
    }


if __name__ == "__main__":
    tyro.cli(main)
