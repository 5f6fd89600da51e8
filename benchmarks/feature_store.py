"""Windows a second and memory of a feature store: `python benchmarks/feature_store.py --folder /tmp/store`.

Draws batches of 32 windows of 16 frames with their labels, in random order. Two million frames of 2048 numbers are
16 GB; here they are zeros in files with holes, which are read as others are but for the disk. Prints one line of
JSON: `resident_mb` is what the process held at most.
"""

import argparse
import json
import resource
import shutil
import time
from pathlib import Path

import numpy as np
import torch

from machine import machine
from tcmr.data.mixture import Mixture, WindowedStore
from tcmr.data.store import FORMAT, FeatureStore

SEQUENCE, BATCH, WINDOW = 1000, 32, 16
ROWS = {"static": (2048,), "keypoints": (49, 3), "joints_m": (49, 3), "pose": (72,), "betas": (10,)}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--frames", type=int, default=2_000_000)
    arguments.add_argument("--batches", type=int, default=2000)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    mixture = Mixture([WindowedStore.cut(sparse_store(options.folder, options.frames), WINDOW)], seed=0)
    mixture.read(0, BATCH)
    began, busy = time.perf_counter(), time.process_time()
    for step in range(1, options.batches + 1):
        mixture.read(step, BATCH)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    print(
        json.dumps(
            {
                "frames": options.frames,
                "windows_per_s": round(options.batches * BATCH / seconds),
                "windows_per_processor_s": round(options.batches * BATCH / busy),
                "resident_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                **machine(),
            }
        )
    )
    shutil.rmtree(options.folder)


def sparse_store(folder: Path, frames: int) -> FeatureStore:
    """Make a store of sequences of a thousand frames, all zeros, that takes no space on disk."""
    folder.mkdir(parents=True)
    for name, row in ROWS.items():
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float32, (frames, *row))
    starts = np.arange(0, frames, SEQUENCE)
    np.save(folder / "sequence_start.npy", starts)
    np.save(folder / "sequence_length.npy", np.full(len(starts), SEQUENCE))
    about = {"format": FORMAT, "name": "zeros", "frames": frames, "fields": list(ROWS)}
    (folder / "store.json").write_text(json.dumps(about))
    return FeatureStore.open(folder)


if __name__ == "__main__":
    main()
