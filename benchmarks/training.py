"""Speed and memory of training as in the paper: `python benchmarks/training.py --folder /tmp/stores [--devices 2]`.

Steps of 32 windows of 16 frames with 2048 numbers each through the whole network and back, at the paper's sizes, from
a store of a million frames (zeros in files with holes). With two devices the batch is shared by two processes, each
with its part of the threads. Prints one line of JSON: `resident_mb` is what the first process held at most.
"""

import json
import resource
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro
from lightning_fabric import Fabric

from feature_store import sparse_store
from machine import machine
from tcmr.model.tcmr import TCMR
from tcmr.train.paper_config import PaperConfig
from tcmr.train.paper_loop import PaperTraining


@dataclass(frozen=True)
class Training:
    """Train for some steps.

    Args:
        folder: where the store is made; it is removed afterwards.
        devices: processes that share each batch.
        steps: how many are timed, after one that is not.
        frames: of the store.
        threads: of all processes together.
    """

    folder: Path
    devices: int = 1
    steps: int = 10
    frames: int = 1_000_000
    threads: int = 2


def main() -> None:
    choices = tyro.cli(Training, description=__doc__)
    fabric = Fabric(accelerator="cpu", devices=choices.devices)
    fabric.launch()
    if fabric.is_global_zero:
        sparse_store(choices.folder / "zeros", choices.frames)
    fabric.barrier()
    config = PaperConfig(
        stage="paper",
        run=choices.folder / "run",
        data=choices.folder,
        body="open",
        train_2d=(),
        train_3d=("zeros",),
        validation="zeros",
        epochs=1,
        devices=choices.devices,
    )
    torch.set_num_threads(choices.threads // choices.devices)
    training = PaperTraining(config, fabric, nothing)
    training.step(0)
    began = time.perf_counter()
    for step in range(1, choices.steps + 1):
        training.step(step)
    seconds = (time.perf_counter() - began) / choices.steps
    fabric.barrier()
    if fabric.is_global_zero:
        shutil.rmtree(choices.folder)
        figures = {
            "devices": choices.devices,
            "seconds_per_step": round(seconds, 2),
            "windows_per_s": round(config.batch / seconds, 1),
            "resident_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        print(json.dumps(figures | machine()))


def nothing(tcmr: TCMR) -> dict[str, float]:
    """Validate nothing: no epoch ends here."""
    return {}


if __name__ == "__main__":
    main()
