"""Video -> motions: the whole of the product on one page. Each step is a stage in a package of its own."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tcmr.camera import CameraMovement, CropCameras, PinholeCamera
from tcmr.features.backbone import Backbone
from tcmr.features.extract import extract
from tcmr.heights import EVERYBODY
from tcmr.loading import Models, Observers
from tcmr.model.fitting import fit_to_landmarks
from tcmr.model.height import with_height
from tcmr.options import Options
from tcmr.people.ahead import EarlyDetector, follow
from tcmr.people.camera_turns import CameraTurns
from tcmr.people.segments import sure_part
from tcmr.people.sides import settle_sides
from tcmr.people.track import Map, Tracker
from tcmr.result import Making, Result
from tcmr.smooth.motion import smoothed
from tcmr.stages import Stages
from tcmr.types import Clip, Dropped, Features, Frame, Motion, Track
from tcmr.video.read import ClipReader, open_clip

FRAMES_AHEAD = 6  # in which the detector looks for people before they are followed so far
DECODED_AHEAD = 8  # of these: enough while the detector has its turn
ABOUT_THE_SAME = 0.1  # of a focal length

# Gives a track's static features and its crops' cameras.
Describer = Callable[[Track], tuple[Features, CropCameras]]


@dataclass(frozen=True)
class Found:
    """Who was found in a clip, who else was seen, and the first frame of each shot."""

    tracks: list[Track]
    dropped: list[Dropped]
    shots: list[int]


def run(
    video: Path, options: Options = Options(), models: Models | None = None, stages: Stages | None = None
) -> Result:
    """Find every person in a video (or a folder of images) and estimate the motion of each.

    Raises:
        TcmrError: the video cannot be read, or a file that is needed cannot be had.
    """
    stages = stages or Stages()
    models = models or Models.load(options)
    ahead = stages.ahead(DECODED_AHEAD)
    with open_clip(video, image_fps=options.image_fps, prefetch=ahead, turn=stages.turn) as reader:
        clip = reader.clip
        camera = PinholeCamera.assumed(clip.width, clip.height, options.focal_px)
        turns = CameraTurns(camera, clip.width, clip.height, clip.fps) if options.camera == "auto" else None
        found = find_people(reader, models, options, stages, turns)
        movement = None if turns is None else stages.timing("camera", turns.movement)()
    tracks = with_sides_settled(found.tracks, clip.fps, options)
    with stages.timed("features"):
        describer = describer_of(tracks, clip, camera, models, options, stages)
    with stages.timed("motion"), stages.workers() as map_tracks, stages.workers() as map_stretches:
        told = partial(in_shot, shots=found.shots, turns=turns)

        def estimated(track: Track) -> Motion:
            return estimate(track, describer, camera, clip.fps, models, options, map_stretches, told)

        parts = map_tracks(estimated, tracks)
    return Result(
        clip=clip,
        timestamps_s=reader.timestamps_s,
        camera=camera,
        motions=by_person(parts),
        dropped=found.dropped,
        shots=found.shots,
        movement=movement,
        warnings=[
            *models.warnings,
            *reader.warnings(),
            *_heights_of_nobody(options, tracks),
            *other_focal(options, camera, movement),
        ],
        seconds=stages.seconds,
        making=Making(
            ("tcmr", "run", *options.arguments()),
            options.resolved().named(),
            models.described_by,
            models.read_by,
        ),
    )


def find_people(
    reader: ClipReader,
    models: Observers,
    options: Options,
    stages: Stages,
    turns: CameraTurns | None = None,
) -> Found:
    """Follow everybody through the clip, and how the camera turns; only numbers are kept of each frame."""
    detector = stages.timing("detect", models.detector)
    landmarker = stages.timing("landmarks", models.landmarker)
    frames = stages.waiting("decode", reader)
    shown = stages.progress("finding people", frames, reader.clip.frame_count)
    with EarlyDetector(detector, stages.turn) as early, stages.workers() as map_persons:
        every, fps = options.detect_every, reader.clip.fps
        tracker = Tracker(
            early, landmarker, detect_every=every, fps=fps, measure_flow=options.fits, map=map_persons
        )
        for frame in follow(shown, tracker, early, stages.ahead(FRAMES_AHEAD)):
            if turns is not None:
                boxes = [reading.box_xyxy_px for reading in tracker.latest().values()]
                with stages.timed("camera"):
                    turns.step(frame, boxes, tracker.shots[-1])
    tracks, dropped = tracker.finish(min_frames=options.min_frames, max_persons=options.max_persons)
    return Found([sure_part(track) for track in tracks], dropped, tracker.shots)


def with_sides_settled(tracks: list[Track], fps: float, options: Options) -> list[Track]:
    """Return the tracks with back and front, left and right settled, unless each frame is to stand for itself."""
    return [settle_sides(track, fps) for track in tracks] if options.temporal == "on" else tracks


def describer_of(
    tracks: list[Track],
    clip: Clip,
    camera: PinholeCamera,
    models: Observers,
    options: Options,
    stages: Stages,
) -> Describer:
    """Return what describes each track, once.

    Landmarks are described when asked for, so that the features of one track at a time are held; pictures at once,
    in one pass for everybody.
    """
    if not models.backbone.needs_pictures:
        return stages.timing("features", landmark_describer(models.backbone, camera, clip.fps))
    described = describe(tracks, clip, camera, models, options, stages)
    waiting = {(track.id, track.segment): each for track, each in zip(tracks, described, strict=True)}
    return lambda track: waiting.pop((track.id, track.segment))


def landmark_describer(backbone: Backbone, camera: PinholeCamera, fps: float) -> Describer:
    """Return what describes tracks of a clip, whose pictures the backbone does not need."""
    return lambda track: extract([track], backbone, camera, fps, list)[0]


def describe(
    tracks: list[Track],
    clip: Clip,
    camera: PinholeCamera,
    models: Observers,
    options: Options,
    stages: Stages,
) -> list[tuple[Features, CropCameras]]:
    """Return the static features of each track's crops, and the crops' cameras."""

    def pictures() -> Iterator[Frame]:
        with open_clip(clip.path, image_fps=options.image_fps) as reader:
            yield from stages.progress("describing people", reader, clip.frame_count)

    return extract(tracks, models.backbone, camera, clip.fps, pictures)


def estimate(
    track: Track,
    describer: Describer,
    camera: PinholeCamera,
    fps: float,
    models: Models,
    options: Options,
    map: Map = map,
    told: Callable[[Motion], Motion] = lambda motion: motion,
) -> Motion:
    """Estimate one person's motion over an unbroken stretch of frames; parts of it through `map`.

    `told` adds what else is known of it, before it is fitted.
    """
    features, crops = describer(track)
    motion = told(models.predictor.predict(features, fps, options.edges, crops))
    del features  # what is largest of a track, and done with
    if (height_m := options.height_m(track.id)) is not None:
        motion = with_height(motion, height_m, crops, models.body)
    if options.fits:
        motion = fit_to_landmarks(motion, track, camera, crops, models.body, map)
    motion = smoothed(motion, options.smooth, models.body)
    return replace(motion, person=track.id, bridged=track.bridged)


def in_shot(motion: Motion, shots: list[int], turns: CameraTurns | None) -> Motion:
    """Tell a motion of one shot which that is, and how the camera is turned in it."""
    shot = shots[bisect_right(shots, motion.frames[0]) - 1]
    camera_rotmat = None if turns is None else turns.rotmat(motion.frames)
    return replace(motion, shot=shot, camera_rotmat=camera_rotmat)


def by_person(parts: list[Motion]) -> list[Motion]:
    """Join each person's stretches; persons in the order of their ids."""
    persons = sorted({part.person for part in parts})
    return [Motion.joined([part for part in parts if part.person == person]) for person in persons]


def _heights_of_nobody(options: Options, tracks: list[Track]) -> list[str]:
    known = {EVERYBODY, *(track.id for track in tracks)}
    return [
        f"--height tells of person {person}, who was not found"
        for person in options.heights_m()
        if person not in known
    ]


def other_focal(options: Options, camera: PinholeCamera, movement: CameraMovement | None) -> list[str]:
    """Say which focal length the camera tells by turning, if that is not about the assumed one."""
    if movement is None or movement.focal_px is None or options.focal_px is not None:
        return []
    told_px = movement.focal_px
    only_turns = movement.unexplained < movement.MOST_UNEXPLAINED
    if not only_turns or abs(math.log(told_px / camera.focal_px)) < ABOUT_THE_SAME:
        return []
    return [
        f"the way in which the camera turns tells a focal length of {told_px:.0f} px, not {camera.focal_px:.0f} as "
        f"assumed: with --focal {told_px:.0f} distances and paths are nearer to the truth"
    ]
