"""One live source and its folder of files."""

import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.live.audience import Audience, opened_film, opened_window
from tcmr.live.choices import LiveOptions
from tcmr.live.interrupt import breaking_off, setting
from tcmr.live.messages import end_message, start_message
from tcmr.live.moments import Moments
from tcmr.live.outlets import Tell, outlets
from tcmr.live.people import PeopleStream
from tcmr.live.selection import select_motions
from tcmr.live.settled import settled
from tcmr.loading import Models
from tcmr.model.stream import MOST_LOOKAHEAD
from tcmr.options import Options
from tcmr.pipeline import by_person
from tcmr.result import OVERLAY_FILE, Making, Reception, Result, replacing
from tcmr.stages import Stages
from tcmr.types import Dropped, Motion, Track
from tcmr.video.live import LiveReader, open_live
from tcmr.video.source import without_password


@dataclass(frozen=True)
class Recording:
    """What a live run leaves: the result as it came, and what a better one can be made of, and how."""

    result: Result
    making: Making
    tracks: list[Track]
    doubts: list[Dropped]


def run_live(
    source: str,
    folder: Path,
    options: Options,
    models: Models,
    stages: Stages,
    live: LiveOptions = LiveOptions(),
    draw: bool = True,
    tells: Sequence[Tell] = (),
    stop: threading.Event | None = None,
) -> Result:
    """Follow everybody in a source until it ends, Ctrl-C, SIGTERM or `stop`; leave the files of a run in a folder.

    They are written at once as they came; then back and front are settled, bodies fitted and post-filtered as
    for a video, and written again. Ctrl-C or SIGTERM during that leaves them as they came. The numbers of all
    frames are kept in memory, about 4 KB a frame for each person, but pictures only while they wait.

    Raises:
        TcmrError: the source cannot be opened or sends no video, or the folder cannot be written.
    """
    stop = stop or threading.Event()
    if models.backbone.needs_pictures and options.fit == "on":
        raise TcmrError("live motion from SPIN's features is not fitted: leave --fit out")
    with setting(stop), outlets(live, stop) as opened, replacing(folder) as fresh:
        recording = record(source, fresh, options, models, stages, live, draw, [*tells, *opened], stop)
        recording.result.save_motions(fresh)
        recording.result.save_summary(fresh, without_password(source))
    if models.backbone.needs_pictures or not recording.result.motions:
        return recording.result
    try:
        with breaking_off():
            return settle(recording, folder, options, models, stages, source)
    except KeyboardInterrupt:
        print("tcmr: interrupted: the motion stays as it came, not settled nor fitted", file=sys.stderr)
        return recording.result


def record(
    source: str,
    fresh: Path,
    options: Options,
    models: Models,
    stages: Stages,
    live: LiveOptions,
    draw: bool,
    tells: Sequence[Tell],
    stop: threading.Event,
) -> Recording:
    """Follow everybody until the source ends; only the overlay is written into the folder `fresh`."""
    name, may_settle = without_password(source), not models.backbone.needs_pictures
    with stages.timed("total"), open_live(source, live.when_late, live.reconnects, stop) as reader:
        clip, film_path = reader.clip, fresh / OVERLAY_FILE
        camera = PinholeCamera.assumed(clip.width, clip.height, options.focal_px)
        coming = replace(options, smooth="none") if may_settle else options
        people = PeopleStream(models, camera, clip.fps, coming, live.lookahead, remember=may_settle)
        with (
            opened_film(film_path if draw else None, clip) as film,
            opened_window(clip, wanted=live.preview) as window,
        ):
            audience = Audience(models.body, camera, film, window, tells)
            audience.tell(start_message(name, clip, camera, people.latency))
            motions = follow(reader, people, audience, stages)
        audience.tell(end_message(len(reader.timestamps_s), reader.dropped_frames, reader.reconnects))
    if not motions:
        film_path.unlink(missing_ok=True)
    persons = [replace(motion, fps=reader.fps) for motion in by_person(motions)]
    kept, dropped = select_motions(persons, options)
    lost = [] if film is None or film.lost is None else [f"there is no overlay: {film.lost}"]
    result = Result(
        clip=replace(clip, fps=reader.fps),
        timestamps_s=reader.timestamps_s,
        camera=camera,
        motions=kept,
        dropped=dropped,
        warnings=[*models.warnings, *reader.warnings(), *lost],
        seconds=stages.seconds,
        making=making(replace(options, fit="off", smooth="none"), models, live),
        reception=reception(reader),
    )
    return Recording(result, making(options, models, live), *people.tracks())


def follow(reader: LiveReader, people: PeopleStream, audience: Audience, stages: Stages) -> list[Motion]:
    """Take in frames until the source ends, and show and tell them; return all motions."""
    motions = []
    moments = Moments(people.latency)
    for frame in stages.progress("following people", stages.waiting("wait", reader), None):
        with stages.timed("people"):
            ready = people.cut() if frame.index in reader.cuts[-1:] else []
            ready += people.push(frame)
        motions += ready
        with stages.timed("show"):
            audience.present(moments.push(frame, ready), moments.late, reader)
    ready = people.finish()
    with stages.timed("show"):
        audience.present(moments.finish(ready), moments.late, reader)
    return motions + ready


def settle(
    recording: Recording, folder: Path, options: Options, models: Models, stages: Stages, source: str
) -> Result:
    """Make the result of a live run as good as a video's, and write it in the place of the first."""
    live = recording.result
    kept = {motion.person for motion in live.motions}
    result = settled(
        replace(live, making=recording.making),
        [track for track in recording.tracks if track.id in kept],
        [*live.dropped, *(doubt for doubt in recording.doubts if doubt.id in kept)],
        models,
        options,
        stages,
    )
    with replacing(folder) as fresh:
        result.save_motions(fresh)
        result.save_summary(fresh, without_password(source))
        if (folder / OVERLAY_FILE).exists():
            os.replace(folder / OVERLAY_FILE, fresh / OVERLAY_FILE)
    return result


def making(options: Options, models: Models, live: LiveOptions) -> Making:
    """Say how the motions are made."""
    chosen = () if live.lookahead == MOST_LOOKAHEAD else ("--lookahead", str(live.lookahead))
    command = ("tcmr", "run", *options.arguments(), *chosen, "--source")
    choices = options.resolved().named() | {"lookahead": live.lookahead}
    return Making(command, choices, models.described_by, models.read_by)


def reception(reader: LiveReader) -> Reception:
    """Return how the source came in."""
    return Reception(reader.dropped_frames, reader.damaged_frames, reader.reconnects, reader.cuts)
