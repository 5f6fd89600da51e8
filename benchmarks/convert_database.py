"""Speed and memory of `tcmr convert database`: `python benchmarks/convert_database.py --folder /tmp/databases`.

Writes a database as 3DPW's script does, of zeros and of as many frames as asked for, and converts it in a process of
its own. Takes 30 KB of disk a frame meanwhile. Prints a line of JSON; `resident_mb` is what that process held at most.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import joblib
import numpy as np

from machine import machine

VIDEO = 1000


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--frames", type=int, default=300_000)
    options = arguments.parse_args()
    options.folder.mkdir(parents=True)
    path, store = options.folder / "3dpw_train_db.pt", options.folder / "store"
    # In a process of its own: what this one holds would count as its children's.
    writer = multiprocessing.get_context("spawn").Process(target=write, args=(path, options.frames))
    writer.start()
    writer.join()
    began = time.perf_counter()
    command = ["convert", "database", str(path), "--kind", "3dpw", "-o", str(store)]
    converting = subprocess.Popen([sys.executable, "-m", "tcmr", *command], stdout=sys.stderr)
    _, status, usage = os.wait4(converting.pid, 0)
    if status:
        sys.exit("the conversion failed")
    print(
        json.dumps(
            {
                "frames": options.frames,
                "file_mb": path.stat().st_size >> 20,
                "seconds": round(time.perf_counter() - began, 1),
                "resident_mb": usage.ru_maxrss // 1024,
                **machine(),
            }
        )
    )
    shutil.rmtree(options.folder)


def write(path: Path, frames: int) -> None:
    """Write the database."""
    joblib.dump(database(path.parent, frames), path)


def database(folder: Path, frames: int) -> dict[str, np.ndarray]:
    """Make 3DPW's arrays; the large one lies in a file with holes, so that it needs no memory here."""
    number = np.arange(frames)
    features = np.lib.format.open_memmap(folder / "zeros.npy", "w+", np.float32, (frames, 2048))
    return {
        "vid_name": np.char.add("outdoors_fencing_00_", (number // VIDEO).astype(str)),
        "frame_id": number % VIDEO,
        "joints3D": np.zeros((frames, 49, 3), np.float32),
        "joints2D": np.zeros((frames, 14, 3)),
        "shape": np.zeros((frames, 10), np.float32),
        "pose": np.ones((frames, 72), np.float32),
        "bbox": np.ones((frames, 4)),
        "valid": np.ones(frames, np.int64),
        "features": np.asarray(features),
    }


if __name__ == "__main__":
    main()
