"""The saved motion of a live run, as good as a video's: sides settled, bodies fitted, post-filtered."""

from dataclasses import replace

from tcmr.camera import PinholeCamera
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.people.segments import sure_part
from tcmr.people.sides import settle_sides
from tcmr.pipeline import by_person, estimate, landmark_describer
from tcmr.result import Result
from tcmr.stages import Stages
from tcmr.types import Dropped, Motion, Track


def settled(
    live: Result,
    tracks: list[Track],
    dropped: list[Dropped],
    models: Models,
    options: Options,
    stages: Stages,
) -> Result:
    """Return the result of the tracks that a live run left, from which its backbone needs no pictures."""
    tracks = [settle_sides(sure_part(track), live.clip.fps) for track in tracks]
    with stages.timed("total"), stages.timed("settle"):
        parts = [
            resolved(track, live.camera, live.clip.fps, models, options)
            for track in stages.progress("settling", tracks, len(tracks), unit="tracks")
        ]
    return replace(live, motions=by_person(parts), dropped=sorted(dropped, key=lambda person: person.id))


def resolved(track: Track, camera: PinholeCamera, fps: float, models: Models, options: Options) -> Motion:
    """Estimate a track's motion as a video's."""
    describer = landmark_describer(models.backbone, camera, fps)
    return estimate(track, describer, camera, fps, models, options)
