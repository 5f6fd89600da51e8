"""The main job as one call, for a video and for a live source."""

import threading
import warnings
from collections.abc import Callable
from pathlib import Path

from tcmr import pipeline
from tcmr.job import folders_of, run_to_folder
from tcmr.live import job as live_job
from tcmr.live.choices import LiveOptions
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.result import Result
from tcmr.stages import Stages
from tcmr.types import Motion
from tcmr.video.source import folder_name


def run(
    video: str | Path, options: Options | None = None, *, output: str | Path | None = None
) -> list[Motion]:
    """Return the motion of every person in a video file, or in a folder of images.

    With an `output` folder, the files that `tcmr run` writes are written there, in a folder of the video's name.
    What is wrong with the video, or with the outside files, is warned of (`warnings.warn`).

    Raises:
        TcmrError: the video cannot be read, or a file that is needed cannot be had or written.
    """
    path, options = Path(video), options or Options()
    if output is None:
        return _warned_of(pipeline.run(path, options))
    folder = folders_of([path], Path(output))[path]
    return _warned_of(run_to_folder(path, folder, options, Models.load(options), Stages()))


def run_live(
    source: str,
    output: str | Path,
    options: Options | None = None,
    live: LiveOptions = LiveOptions(preview=False),
    *,
    on_message: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> list[Motion]:
    """Follow everybody in a live source until it ends, Ctrl-C or `stop`; return the motion of each person.

    The files of a run are written into a folder of the source's name in `output`. `on_message` is called with
    every message (JSON) while it goes on; docs/live.md has the sources and the messages.
    Warns as `run` does.

    Raises:
        TcmrError: the source cannot be opened or sends no video, or a file that is needed cannot be had or written.
    """
    options = (options or Options()).for_live()
    result = live_job.run_live(
        source,
        Path(output) / folder_name(source),
        options,
        Models.load(options),
        Stages(),
        live,
        tells=[] if on_message is None else [on_message],
        stop=stop,
    )
    return _warned_of(result)


def _warned_of(result: Result) -> list[Motion]:
    """Return the motions, after warning the caller of `run` of what was wrong."""
    for warning in result.warnings:
        warnings.warn(warning, stacklevel=3)
    return result.motions
