"""Images a second of the paper track's backbone against a plain loop: `python benchmarks/backbone.py`.

The plain loop is the same ResNet-50 in eager mode, one image at a time, each layer on all threads. Both see the
same frames and run in turn; what counts is the fastest round of each. Prints one line of JSON, with processor time
beside the rates: on a busy machine that is what to look at, with one thread.
"""

import json
import time

import numpy as np
import torch
import tyro

from machine import machine
from tcmr.camera import PinholeCamera
from tcmr.features.backbone import Crops
from tcmr.features.boxes import square_boxes
from tcmr.features.resnet50 import ResNet50
from tcmr.features.spin_backbone import SpinBackbone
from tcmr.features.spin_crop import spin_crop
from tcmr.types import Frame, Track

SIZE = 480, 640


def main(images: int = 32, rounds: int = 5, threads: int = 2) -> None:
    """Measure both.

    Args:
        images: How many crops a round has.
        rounds: How often each is measured.
        threads: For both.
    """
    torch.manual_seed(0)
    network = ResNet50().eval()
    frames, crops = clip(images)
    backbone = SpinBackbone(network, threads=threads)

    def plain() -> torch.Tensor:
        torch.set_num_threads(threads)
        with torch.no_grad():
            return torch.cat([network(normalised(frame, crops)) for frame in frames])

    def ours() -> torch.Tensor:
        return backbone([crops], lambda: frames)[0]

    difference = (plain() - ours()).abs().max().item()
    taken: dict[str, list[float]] = {"plain": [], "ours": []}
    worked: dict[str, list[float]] = {"plain": [], "ours": []}
    for _ in range(rounds):
        for name, run in (("plain", plain), ("ours", ours)):
            began, had_worked = time.perf_counter(), time.process_time()
            run()
            taken[name].append(time.perf_counter() - began)
            worked[name].append(time.process_time() - had_worked)
    rates = {name: images / min(seconds) for name, seconds in taken.items()}
    processor = {name: min(seconds) / images for name, seconds in worked.items()}
    print(
        json.dumps(
            {
                "threads": threads,
                "images": images,
                "rounds": rounds,
                "images_per_s": {name: round(rate, 2) for name, rate in rates.items()},
                "times_faster": round(rates["ours"] / rates["plain"], 2),
                "processor_s_per_image": {name: round(seconds, 4) for name, seconds in processor.items()},
                "times_less_processor_time": round(processor["plain"] / processor["ours"], 2),
                "largest_difference": difference,
                **machine(),
            }
        )
    )


def normalised(frame: Frame, crops: Crops) -> torch.Tensor:
    """Cut a frame's crop as a batch of one."""
    crop = spin_crop(frame.rgb, crops.boxes_xyxy_px[frame.index].numpy())
    return torch.from_numpy(crop).permute(2, 0, 1)[None].contiguous()


def clip(count: int) -> tuple[list[Frame], Crops]:
    """Make frames of noise with somebody in the middle of each."""
    rng = np.random.default_rng(0)
    frames = [Frame(i, i / 30, rng.integers(0, 256, (*SIZE, 3), np.uint8)) for i in range(count)]
    track = Track(
        id=0,
        segment=0,
        frames=np.arange(count),
        xy_px=rng.uniform(100, 400, (count, 33, 2)).astype(np.float32),
        visibility=np.ones((count, 33), np.float32),
        world_m=np.zeros((count, 33, 3), np.float32),
        scores=np.ones(count, np.float32),
        bridged=np.zeros(count, bool),
        spread_px=np.zeros((count, 33), np.float32),
        flow_px=np.zeros((count, 33, 2), np.float32),
        flow_certainty=np.zeros((count, 33), np.float32),
    )
    boxes = square_boxes(torch.from_numpy(track.xy_px), SpinBackbone.box_scale)
    cameras = PinholeCamera.assumed(SIZE[1], SIZE[0]).crop_cameras(boxes, straight=True)
    return frames, Crops(track, boxes, cameras)


if __name__ == "__main__":
    tyro.cli(main)
