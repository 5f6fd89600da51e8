"""`tcmr evaluate`: the open weights' accuracy, beside the baselines'."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import arg

from tcmr.assets import fetch
from tcmr.camera import CropCameras, PinholeCamera
from tcmr.errors import TcmrError
from tcmr.evaluate.four_cameras import evaluate_four_cameras, fetch_views
from tcmr.evaluate.prediction import Observation, Predictor, body_predictor
from tcmr.evaluate.rendered import evaluate_rendered
from tcmr.evaluate.report import Report, print_report
from tcmr.evaluate.sample_clip import evaluate_sample_clip
from tcmr.features.extract import extract
from tcmr.loading import Models
from tcmr.model.predictor import predict_per_frame
from tcmr.model.weights import load_open_model
from tcmr.options import Options
from tcmr.pipeline import find_people
from tcmr.stages import Stages
from tcmr.types import Clip, Features, Frame, Motion, Track
from tcmr.video.read import open_clip

Data = Literal["beam", "rendered", "demo"]


def main(
    data: Data,
    rendered: Path = Path("data/rendered/test"),
    options: Annotated[Options, arg(name="")] = Options(),
) -> None:
    """Score the weights on the real four-camera clip, rendered clips or the sample clip.

    Args:
        data: "beam": four calibrated cameras; "rendered": clips made by `tcmr synth`; "demo": the sample clip.
        rendered: Folder of rendered clips.
        options: As for `tcmr run`.
    """
    evaluate = {"beam": on_beam, "rendered": on_rendered, "demo": on_demo}[data]
    command = f"tcmr evaluate --data {data} --weights {shlex.quote(options.weights)}"
    print_report(evaluate(options, rendered, command))


def on_beam(options: Options, rendered: Path, command: str) -> Report:
    """Score on the real clip of four cameras: the track with the most frames in each is the man's."""
    models, views = Models.load(options), fetch_views()
    tracks = []
    for view in views:
        found, _ = tracks_of(view.video, options, models)
        if not found:
            raise TcmrError(f"{view.video}: nobody was found")
        tracks.append(max(found, key=lambda track: len(track.frames)))
    return evaluate_four_cameras(
        views,
        tracks,
        predictors(options, models),
        weights=models.predictor.weights,
        command=command,
        focal_px=options.focal_px,
    )


def on_rendered(options: Options, rendered: Path, command: str) -> Report:
    """Score on rendered clips of people whom no training saw."""
    models = Models.load(options)
    return evaluate_rendered(
        sorted(rendered.glob("*.npz")),
        models.body,
        predictors(options, models),
        split=str(rendered),
        weights=models.predictor.weights,
        command=f"{command} --rendered {shlex.quote(str(rendered))}",
    )


def on_demo(options: Options, rendered: Path, command: str) -> Report:
    """Measure whether the body sits on the sample clip's walking woman."""
    models = Models.load(options)
    tracks, clip = tracks_of(fetch("sample-clip"), options, models)
    return evaluate_sample_clip(
        tracks,
        PinholeCamera.assumed(clip.width, clip.height, options.focal_px),
        clip.fps,
        predictors(options, models),
        weights=models.predictor.weights,
        command=command,
    )


def tracks_of(video: Path, options: Options, models: Models) -> tuple[list[Track], Clip]:
    """Find the people in a clip."""
    with open_clip(video) as reader:
        tracks, _ = find_people(reader, models, replace(options, max_persons=None), Stages(show=True))
    return tracks, reader.clip


def predictors(options: Options, models: Models) -> dict[str, Predictor]:
    """Return the weights' two methods: each frame by itself, and TCMR."""
    regressor = load_open_model(options.weights).frame_model.regressor

    def described(seen: Observation) -> tuple[Features, CropCameras]:
        (described,) = extract([seen.track], models.backbone, seen.camera, seen.fps, no_pictures)
        return described

    def per_frame(seen: Observation) -> Motion:
        features, cameras = described(seen)
        return predict_per_frame(regressor, features, models.body, seen.fps, cameras)

    def temporal(seen: Observation) -> Motion:
        features, cameras = described(seen)
        return models.predictor.predict(features, seen.fps, options.edges, cameras)

    return {
        "ours per frame": body_predictor(per_frame, models.body),
        "ours (TCMR)": body_predictor(temporal, models.body),
    }


def no_pictures() -> list[Frame]:
    """Stand for a clip whose pictures the backbone does not look at."""
    return []
