"""One live source and its folder of files."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tcmr.camera import PinholeCamera
from tcmr.live.interrupt import until_interrupted
from tcmr.live.overlay import LiveOverlay
from tcmr.live.people import PeopleStream
from tcmr.live.preview import Preview
from tcmr.live.selection import select
from tcmr.loading import Models
from tcmr.model.stream import MOST_LOOKAHEAD
from tcmr.options import Options
from tcmr.pipeline import by_person
from tcmr.result import OVERLAY_FILE, Making, Result, replacing
from tcmr.stages import Stages
from tcmr.types import Clip, Frame, Motion
from tcmr.video.live import LiveReader, open_live, without_password
from tcmr.video.write import VideoWriter

Show = Callable[[Frame], None]


def run_live(
    source: str,
    folder: Path,
    options: Options,
    models: Models,
    stages: Stages,
    lookahead: int = MOST_LOOKAHEAD,
    draw: bool = True,
    preview: bool = True,
) -> Result:
    """Follow everybody in a source until it ends or Ctrl-C, then write the files of a run into a folder.

    The numbers of all frames are kept, about 2 KB a frame for each person, but pictures only while they wait.

    Raises:
        TcmrError: the source cannot be opened or sends no video, or the folder cannot be written.
    """
    with replacing(folder) as fresh:
        with stages.timed("total"), open_live(source) as reader:
            camera = PinholeCamera.assumed(reader.clip.width, reader.clip.height, options.focal_px)
            people = PeopleStream(models, camera, reader.clip.fps, options, lookahead)
            with shown(reader.clip, fresh / OVERLAY_FILE if draw else None, preview) as shows:
                bodies = LiveOverlay(models.body, camera, people.latency)
                motions = follow(reader, people, bodies, shows, stages)
        if draw and not motions:
            (fresh / OVERLAY_FILE).unlink()
        kept, dropped = select(by_person(motions), options)
        result = Result(
            clip=reader.clip,
            timestamps_s=reader.timestamps_s,
            camera=camera,
            motions=kept,
            dropped=dropped,
            warnings=[*models.warnings, *reader.warnings()],
            seconds=stages.seconds,
            making=making(options, models, lookahead),
        )
        result.save_motions(fresh)
        result.save_summary(fresh, without_password(source))
    return result


def making(options: Options, models: Models, lookahead: int) -> Making:
    """Say how the motions are made: as they come, so that nothing is fitted."""
    chosen = () if lookahead == MOST_LOOKAHEAD else ("--lookahead", str(lookahead))
    choices = replace(options, fit="off").named() | {"lookahead": lookahead}
    command = ("tcmr", "run", *options.arguments(), *chosen, "--source")
    return Making(command, choices, models.described_by)


def follow(
    reader: LiveReader, people: PeopleStream, bodies: LiveOverlay, shows: list[Show], stages: Stages
) -> list[Motion]:
    """Take in frames until the source ends or Ctrl-C, and show them with the bodies; return all motions."""
    motions = []

    def show(frames: Iterable[Frame]) -> None:
        with stages.timed("show"):
            for frame in frames if shows else ():
                for each in shows:
                    each(frame)

    frames = stages.progress("following people", stages.waiting("wait", reader), None)
    for frame in until_interrupted(frames):
        with stages.timed("people"):
            ready = people.push(frame)
        motions += ready
        show(bodies.push(frame, ready))
    last = people.finish()
    show(bodies.finish(last))
    return motions + last


@contextmanager
def shown(clip: Clip, overlay: Path | None, preview: bool) -> Iterator[list[Show]]:
    """Open what frames are shown on: the overlay's file and a window, as far as they are wanted and to be had."""
    shows: list[Show] = []
    with ExitStack() as stack:
        if overlay is not None:
            writer = VideoWriter(overlay, width=clip.width, height=clip.height, fps=clip.fps)
            stack.enter_context(writer)
            shows.append(lambda frame: writer.write(frame.rgb, frame.time_s))
        if preview:
            window = Preview(f"tcmr: {clip.path}")
            stack.callback(window.close)
            if window.reason is None:
                shows.append(lambda frame: window.show(frame.rgb))
            else:
                print(f"tcmr: no preview: {window.reason}", file=sys.stderr)
        yield shows
