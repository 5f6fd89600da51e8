"""`tcmr evaluate`: the open weights' accuracy, beside the baselines'; any weights' on a feature store."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import arg

from tcmr.assets import fetch
from tcmr.camera import PinholeCamera
from tcmr.data.store import FeatureStore
from tcmr.device import checked_device
from tcmr.errors import TcmrError
from tcmr.evaluate.four_cameras import (
    BEAM,
    PAIR,
    FourCameraClip,
    View,
    evaluate_four_cameras,
    fetch_views,
    track_of_reference,
)
from tcmr.evaluate.methods import ALONE, PER_FRAME, SETTLED, as_filmed_name, filtered_name, run_name
from tcmr.evaluate.picture import check_matplotlib
from tcmr.evaluate.prediction import Method, Observation, body_predictor
from tcmr.evaluate.released_store import evaluate_store
from tcmr.evaluate.rendered import evaluate_rendered
from tcmr.evaluate.report import Report, print_report
from tcmr.evaluate.report_files import save_report
from tcmr.evaluate.sample_clip import evaluate_sample_clip
from tcmr.loading import Models
from tcmr.model.per_frame import frame_predictor_of
from tcmr.model.predictor import load_model
from tcmr.model.weights import load_open_model
from tcmr.options import Options
from tcmr.people.sides import settle_sides
from tcmr.pipeline import estimate, find_people, landmark_describer
from tcmr.result import make_folder
from tcmr.smooth.motion import FILTERS, smoothed
from tcmr.stages import Stages
from tcmr.types import Clip, Motion, Track
from tcmr.video.read import open_clip

Data = Literal["beam", "pair", "rendered", "demo"]
RENDERED = Path("data/rendered/test")


def main(
    data: Data | Path,
    rendered: Path = RENDERED,
    report: Annotated[Path | None, arg(metavar="DIR")] = None,
    post_filters: bool = False,
    options: Annotated[Options, arg(name="")] = Options(),
) -> None:
    """Score the weights on real four-camera clips, rendered clips, the sample clip or a feature store.

    Args:
        data: "beam": a man before four calibrated cameras, test only; "pair": a woman before the same, on whom
            settings are chosen; "rendered": clips made by `tcmr synth`; "demo": the sample clip; or a feature store,
            as `tcmr convert database` writes it.
        rendered: Folder of rendered clips, for --data rendered.
        report: Folder for the same as Markdown, picture and JSON, named after the data.
        post_filters: Score every post-filter at its defaults beside none, not just the one of `--smooth`.
        options: As for `tcmr run`.
    """
    if options.temporal == "off":
        raise TcmrError("each frame by itself is scored beside TCMR as it is: leave --temporal out")
    if data != "rendered" and rendered != RENDERED:
        raise TcmrError(f"--rendered is for --data rendered: with --data {data} leave it out")
    if report is not None:
        check_matplotlib()
        make_folder(report)
    command = command_line(data, rendered, post_filters, options)
    smooths: Sequence[str] = ("none", *FILTERS) if post_filters else (options.smooth,)
    if isinstance(data, Path):
        found = on_store(options, smooths, data, command)
    elif data == "rendered":
        found = on_rendered(options, smooths, rendered, command)
    else:
        evaluate = {"beam": on_beam, "pair": on_pair, "demo": on_demo}[data]
        found = evaluate(options, smooths, command)
    if report is not None:
        save_report(found, report, Path(data).name)
    print_report(found)


def command_line(data: Data | Path, rendered: Path, post_filters: bool, options: Options) -> str:
    """Return the command that gives the same figures again: all that is not as by default."""
    words = ["tcmr", "evaluate", "--data", str(data)]
    if rendered != RENDERED:
        words += ["--rendered", str(rendered)]
    if post_filters:
        words.append("--post-filters")
    return shlex.join([*words, *options.arguments()])


def on_beam(options: Options, smooths: Sequence[str], command: str) -> Report:
    """Score on the real clip of four cameras that only tests use."""
    return on_four_cameras(BEAM, options, smooths, command)


def on_pair(options: Options, smooths: Sequence[str], command: str) -> Report:
    """Score on the woman of the real clip of two persons, on whom settings are chosen."""
    return on_four_cameras(PAIR, options, smooths, command)


def on_four_cameras(clip: FourCameraClip, options: Options, smooths: Sequence[str], command: str) -> Report:
    """Score on one person before four calibrated cameras."""
    models, views = Models.load(options), fetch_views(clip)
    methods = predictors(options, models, smooths)
    return evaluate_four_cameras(
        clip,
        views,
        reference_tracks(views, options, models),
        methods,
        weights=models.predictor.weights,
        command=command,
        focal_px=options.focal_px,
        as_filmed={as_filmed_name(smooth, views[0].fps): methods[run_name(smooth)] for smooth in smooths},
    )


def on_rendered(options: Options, smooths: Sequence[str], rendered: Path, command: str) -> Report:
    """Score on rendered clips of people whom no training saw."""
    models = Models.load(options)
    return evaluate_rendered(
        sorted(rendered.glob("*.npz")),
        models.body,
        predictors(options, models, smooths),
        split=str(rendered),
        weights=models.predictor.weights,
        command=command,
    )


def on_demo(options: Options, smooths: Sequence[str], command: str) -> Report:
    """Measure whether the body sits on the sample clip's walking woman."""
    models = Models.load(options)
    tracks, clip = tracks_of(fetch("sample-clip"), options, models)
    return evaluate_sample_clip(
        tracks,
        PinholeCamera.assumed(clip.width, clip.height, options.focal_px),
        clip.fps,
        predictors(options, models, smooths),
        weights=models.predictor.weights,
        command=command,
    )


def on_store(options: Options, smooths: Sequence[str], path: Path, command: str) -> Report:
    """Score on a feature store with joints, by the published protocol and mended."""
    store = FeatureStore.open(path)
    return evaluate_store(
        store,
        load_model(options.weights, options.body, checked_device(options.device)),
        edges=options.edges,
        smooths=smooths,
        command=command,
    )


def reference_tracks(views: Sequence[View], options: Options, models: Models) -> list[Track]:
    """Find in each view the person whom its reference shows."""
    return [track_of_reference(view, tracks_of(view.video, options, models)[0]) for view in views]


def tracks_of(video: Path, options: Options, models: Models) -> tuple[list[Track], Clip]:
    """Find the people in a clip."""
    with open_clip(video) as reader:
        found = find_people(reader, models, replace(options, max_persons=None), Stages(show=True))
    return found.tracks, reader.clip


def predictors(options: Options, models: Models, smooths: Sequence[str]) -> dict[str, Method]:
    """Return each frame by itself, the steps of a run, and the run; the first and the last through each post-filter."""
    unfitted = replace(options, fit="off")
    frame_models = replace(
        models, predictor=frame_predictor_of(load_open_model(options.weights), models.body)
    )

    def estimated(seen: Observation, models: Models, chosen: Options) -> Motion:
        describer = landmark_describer(models.backbone, seen.camera, seen.fps)
        unfiltered = replace(chosen, smooth="none")
        return estimate(seen.track, describer, seen.camera, seen.fps, models, unfiltered)

    def per_frame(seen: Observation) -> Motion:
        return estimated(seen, frame_models, unfitted)

    def temporal(seen: Observation, chosen: Options) -> Motion:
        return estimated(seen, models, chosen)

    def run(seen: Observation) -> Motion:
        return temporal(settled(seen), options)

    def filtered(predict: Callable[[Observation], Motion], smooth: str) -> Method:
        return body_predictor(lambda seen: smoothed(predict(seen), smooth, models.body), models.body)

    return {
        **{filtered_name(PER_FRAME, smooth): filtered(per_frame, smooth) for smooth in smooths},
        ALONE: filtered(lambda seen: temporal(seen, unfitted), "none"),
        SETTLED: filtered(lambda seen: temporal(settled(seen), unfitted), "none"),
        **{run_name(smooth): filtered(run, smooth) for smooth in smooths},
    }


def settled(seen: Observation) -> Observation:
    """Undo confusions of left and right, as a run does."""
    return replace(seen, track=settle_sides(seen.track, seen.fps))
