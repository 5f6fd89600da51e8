"""The temporal encoder at the paper's sizes: every window by itself against the whole clip at once.

    python benchmarks/encoder.py                              frames per second, one line of JSON
    python benchmarks/encoder.py --memory --frames 10000      peak memory of our way

The straightforward way is the released code's: all windows stacked, then torch.nn.GRU. The two take turns; the
ratio is the median over pairs of neighbours, so that whatever else the machine does falls on both. Processor time
counts the same work and is not stretched by other programs.
"""

import json
import os
import resource
import statistics
import time
from collections.abc import Callable

# Threads that wait must not count as work.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import torch
import tyro
from torch import Tensor

from machine import machine
from tcmr.model.encoder import TemporalEncoder
from tcmr.model.predictor import STRETCH
from tcmr.model.products import PackedProduct
from tcmr.model.sequence import encode_sequence


def main(frames: int = 1000, pairs: int = 7, threads: int = 2, memory: bool = False) -> None:
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    encoder = TemporalEncoder().eval().requires_grad_(False)
    static = torch.rand(frames + encoder.window - 1, 2048)
    product = PackedProduct()
    with torch.inference_mode():
        if memory:
            before_mb = peak_memory_mb()
            stretch_by_stretch(encoder, static, product)
            numbers: dict[str, float] = {"peak_memory_mb": peak_memory_mb(), "of_which_before_mb": before_mb}
        else:
            numbers = compared(
                lambda: all_windows(encoder, static),
                lambda: stretch_by_stretch(encoder, static, product),
                frames,
                pairs,
            )
    print(
        json.dumps(
            {
                "frames": frames,
                "threads": threads,
                **numbers,
                **machine(),
            }
        )
    )


def all_windows(encoder: TemporalEncoder, static: Tensor) -> Tensor:
    """Encode as the released code does."""
    windows = static.unfold(0, encoder.window, 1).transpose(1, 2).contiguous()
    return encoder(windows).integrated


def stretch_by_stretch(encoder: TemporalEncoder, static: Tensor, product: PackedProduct) -> Tensor:
    """Encode as `Predictor` does."""
    count = len(static) - encoder.window + 1
    stretches = [static[first : first + STRETCH + encoder.window - 1] for first in range(0, count, STRETCH)]
    return torch.cat([encode_sequence(encoder, part[None], product).integrated[0] for part in stretches])


def compared(
    straightforward: Callable[[], Tensor], ours: Callable[[], Tensor], frames: int, pairs: int
) -> dict[str, float]:
    """Time both in turn, after one run of each that does not count."""
    difference = float((straightforward() - ours()).abs().max())
    taken = [(timed(straightforward), timed(ours)) for _ in range(pairs)]
    numbers: dict[str, float] = {"pairs": pairs, "max_difference": difference}
    for index, clock in enumerate(("wall", "processor")):
        numbers[f"{clock}_straightforward_frames_per_s"] = frames_per_s(
            frames, [theirs[index] for theirs, _ in taken]
        )
        numbers[f"{clock}_ours_frames_per_s"] = frames_per_s(frames, [mine[index] for _, mine in taken])
        ratios = [theirs[index] / mine[index] for theirs, mine in taken]
        numbers[f"{clock}_times_faster"] = round(statistics.median(ratios), 2)
    return numbers


def frames_per_s(frames: int, seconds: list[float]) -> float:
    return round(frames / statistics.median(seconds), 1)


def timed(job: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds on the clock and of processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    job()
    return time.perf_counter() - clock, time.process_time() - processor


def peak_memory_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    tyro.cli(main)
