"""What the ends of clips and latency cost: `python benchmarks/live.py [--clips 100]`, on rendered test clips.

Prints Markdown: accuracy at the ends of clips for each way to fill windows there, accuracy for each lookahead, and
the processor time of a pushed feature.
"""

import os
import platform
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import torch
import tyro

from tcmr.body.landmarks import LandmarkPoints
from tcmr.camera import CropCameras
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.evaluate.prediction import body_prediction
from tcmr.evaluate.rendered import observe
from tcmr.evaluate.score import CLIP_PARTS, Sample, Scores, score, score_ends
from tcmr.features.backbone import LandmarkBackbone
from tcmr.features.extract import extract
from tcmr.model.predictor import Predictor, predictor_of
from tcmr.model.stream import MOST_LOOKAHEAD, Stream
from tcmr.model.weights import load_open_model
from tcmr.model.windows import Edges
from tcmr.types import Features, Motion

DEFAULT: Edges = "reflect"
INSIDE = CLIP_PARTS["between"]
Trial = Callable[[Features, CropCameras], Motion]


def main(
    rendered: Path = Path("data/rendered/test"), weights: str = "open", clips: int | None = None
) -> None:
    torch.set_num_threads(1)
    open_model = load_open_model(weights)
    model, backbone = predictor_of(open_model), LandmarkBackbone(open_model.frame_model.static)
    shown = LandmarkClips.load(sorted(rendered.glob("*.npz")), model.body)
    true_m = LandmarkPoints.load().limbs_on(shown.bodies(model.body)).numpy()
    seen = []
    for observation in list(observe(shown))[:clips]:
        described = extract([observation.track], backbone, observation.camera, shown.fps, list)
        seen.append((observation, *described[0]))

    def samples(method: Trial) -> list[Sample]:
        return [
            Sample(observation, body_prediction(method(features, cameras), model.body), joints_m)
            for (observation, features, cameras), joints_m in zip(seen, true_m, strict=False)
        ]

    print(
        f"{len(seen)} clips of {rendered}, weights {model.weights[:17]}, "
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, torch {version('torch')}, 1 thread\n"
    )
    print_edges(samples, model, shown.fps)
    print_lookaheads(samples, model, shown.fps, seen[0][1])


def print_edges(samples: Callable[[Trial], list[Sample]], model: Predictor, fps: float) -> None:
    rows = []
    for edges in get_args(Edges):
        ends = score_ends(samples(partial(predicted, model, fps, edges)))
        rows += [(edges, part, *cells(scores)) for part, scores in ends.items()]
    print_table(["edges", "frames", *HEADINGS], rows)


def print_lookaheads(
    samples: Callable[[Trial], list[Sample]], model: Predictor, fps: float, features: Features
) -> None:
    rows = []
    for lookahead in range(MOST_LOOKAHEAD + 1):
        for edges in get_args(Edges) if lookahead == 0 else [DEFAULT]:
            stream = Stream(model, lookahead, fps, edges)
            found = samples(partial(streamed, stream))
            rows.append((str(lookahead), edges, *cells(score([each.part(INSIDE) for each in found]))))
    print_table(["lookahead", "edges", *HEADINGS], rows)
    print(f"\n{push_ms(Stream(model), features):.1f} ms of processor time a pushed feature")


def predicted(model: Predictor, fps: float, edges: Edges, features: Features, cameras: CropCameras) -> Motion:
    """Predict a clip at once."""
    return model.predict(features, fps, edges, cameras)


def streamed(stream: Stream, features: Features, cameras: CropCameras) -> Motion:
    """Push a clip frame by frame."""
    rows = [slice(row, row + 1) for row in range(len(features.frames))]
    pushed = [stream.push(features.part(row), cameras.rows(row)) for row in rows]
    return Motion.joined([motion for motion in pushed if motion] + stream.finish())


def push_ms(stream: Stream, features: Features) -> float:
    static = list(features.static)
    for feature in static:
        stream.push(feature)
    began = time.process_time()
    for feature in static:
        stream.push(feature)
    return 1e3 * (time.process_time() - began) / len(static)


HEADINGS = ["MPJPE mm", "PA-MPJPE mm", "Accel mm/frame²", "speed kept", "off the person %"]


def cells(scores: Scores) -> list[str]:
    return [
        f"{scores.mpjpe_mm:.1f}",
        f"{scores.pa_mpjpe_mm:.1f}",
        f"{scores.acceleration_error_mm:.1f}",
        f"{scores.speed_kept:.2f}",
        f"{scores.off_person_percent:.1f}",
    ]


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for line in (headings, ["---"] * len(headings), *rows):
        print("| " + " | ".join(line) + " |")
    print()


if __name__ == "__main__":
    tyro.cli(main)
