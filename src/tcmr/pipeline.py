"""Video -> motions: the whole of the product on one page. Each step is a stage in a package of its own."""

from dataclasses import dataclass, replace
from pathlib import Path

from tcmr.body import BodyModel
from tcmr.camera import CropCameras, PinholeCamera
from tcmr.device import checked_device
from tcmr.features.backbone import Backbone, LandmarkBackbone
from tcmr.features.blazepose import BlazePose
from tcmr.features.extract import extract
from tcmr.model.predictor import Predictor, predictor_of
from tcmr.model.weights import load_open_model
from tcmr.options import Options
from tcmr.people.choose import available_detector
from tcmr.people.detect import Detector
from tcmr.people.track import Landmarker, Tracker
from tcmr.result import Result
from tcmr.smooth.motion import smoothed
from tcmr.stages import Stages
from tcmr.types import Clip, Dropped, Features, Motion, Track
from tcmr.video.read import ClipReader, open_clip


@dataclass(frozen=True)
class Models:
    """Everything that is loaded once and used for any number of videos."""

    detector: Detector
    landmarker: Landmarker
    backbone: Backbone
    predictor: Predictor
    warnings: tuple[str, ...] = ()

    @staticmethod
    def load(options: Options) -> "Models":
        """Load the models that the options name; outside files are fetched on first use."""
        device = checked_device(options.device)
        open_model = load_open_model(options.weights)
        detector, warnings = available_detector()
        return Models(
            detector=detector,
            landmarker=BlazePose(),
            backbone=LandmarkBackbone(open_model.frame_model.static.to(device)),
            predictor=predictor_of(open_model, options.body, device),
            warnings=warnings,
        )

    @property
    def body(self) -> BodyModel:
        """The body that motions are for."""
        return self.predictor.body


def run(
    video: Path, options: Options = Options(), models: Models | None = None, stages: Stages | None = None
) -> Result:
    """Find every person in a video (or a folder of images) and estimate the motion of each.

    Raises:
        TcmrError: the video cannot be read, or a file that is needed cannot be had.
    """
    stages = stages or Stages()
    models = models or Models.load(options)
    with open_clip(video, image_fps=options.image_fps) as reader:
        tracks, dropped = find_people(reader, models, options, stages)
    clip = reader.clip
    camera = PinholeCamera.assumed(clip.width, clip.height, options.focal_px)
    with stages.timed("motion"):
        parts = [estimate(track, clip, camera, models, options) for track in tracks]
    return Result(
        clip=clip,
        timestamps_s=reader.timestamps_s,
        camera=camera,
        motions=by_person(parts),
        dropped=dropped,
        warnings=[*models.warnings, *reader.warnings()],
        seconds=stages.seconds,
    )


def find_people(
    reader: ClipReader, models: Models, options: Options, stages: Stages
) -> tuple[list[Track], list[Dropped]]:
    """Follow everybody through the clip; only numbers are kept of each frame."""
    detector = stages.timing("detect", models.detector)
    landmarker = stages.timing("landmarks", models.landmarker)
    tracker = Tracker(detector, landmarker, detect_every=options.detect_every)
    frames = stages.waiting("decode", reader)
    for frame in stages.progress("finding people", frames, reader.clip.frame_count):
        tracker.step(frame)
    return tracker.finish(min_frames=options.min_frames, max_persons=options.max_persons)


def estimate(track: Track, clip: Clip, camera: PinholeCamera, models: Models, options: Options) -> Motion:
    """Estimate one person's motion over an unbroken stretch of frames."""
    features, cameras = describe(track, clip, camera, models, options)
    motion = models.predictor.predict(features, clip.fps, options.edges, cameras)
    motion = smoothed(motion, options.smooth, models.body)
    return replace(motion, person=track.id, bridged=track.bridged)


def describe(
    track: Track, clip: Clip, camera: PinholeCamera, models: Models, options: Options
) -> tuple[Features, CropCameras]:
    """Return the static features of one person's crops over an unbroken stretch of frames, and their cameras."""

    def pictures() -> ClipReader:
        return open_clip(clip.path, image_fps=options.image_fps)

    return extract(track, models.backbone, camera, clip.fps, pictures)


def by_person(parts: list[Motion]) -> list[Motion]:
    """Join each person's stretches; persons in the order of their ids."""
    persons = sorted({part.person for part in parts})
    return [Motion.joined([part for part in parts if part.person == person]) for person in persons]
