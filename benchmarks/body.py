"""Time to pose the open body against the body-models library: `python benchmarks/body.py`.

Prints one line of JSON: milliseconds of processor time (median over alternating repeats) and their ratio.
"""

import importlib.metadata
import json
import platform
import statistics
import time
from collections.abc import Callable
from importlib.resources import as_file, files

import roma
import torch
from body_models.smpl.torch import SMPL

from tcmr.body import load_body

BATCH = 64
REPEATS = 15


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    body = load_body("open")
    with as_file(files("tcmr.body") / "open_body.npz") as path:
        library = SMPL(model_path=path, rotation_type="rotmat")
    betas, rotmat = torch.randn(BATCH, 10), roma.random_rotmat((BATCH, 24))
    pose = {"body_pose": rotmat[:, 1:], "pelvis_rotation": rotmat[:, 0], "shape": betas}
    with torch.inference_mode():
        vertices = _alternating_ms(
            lambda: body.with_shape(betas).with_pose(rotmat).vertices(),
            lambda: library.forward_vertices(**pose),
        )
        joints = _alternating_ms(
            lambda: body.with_shape(betas).with_pose(rotmat).joints_m,
            lambda: library.forward_skeleton(**pose),
        )
    print(
        json.dumps(
            {
                "machine": platform.processor() or platform.machine(),
                "python": platform.python_version(),
                **{name: importlib.metadata.version(name) for name in ("tcmr", "torch", "body-models")},
                "batch": BATCH,
                "threads": 1,
                "vertices": vertices,
                "joints": joints,
            }
        )
    )


def _alternating_ms(ours: Callable[[], object], library: Callable[[], object]) -> dict[str, float]:
    """Time both in turn, so that whatever else the machine does falls on both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS + 1):
        for job, taken in zip((ours, library), times, strict=True):
            start = time.process_time()
            job()
            taken.append(1e3 * (time.process_time() - start))
    ours_ms, library_ms = (statistics.median(taken[1:]) for taken in times)
    return {
        "tcmr_ms": round(ours_ms, 2),
        "body_models_ms": round(library_ms, 2),
        "times_faster": round(library_ms / ours_ms, 2),
    }


if __name__ == "__main__":
    main()
