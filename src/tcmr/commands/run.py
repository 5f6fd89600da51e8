"""`tcmr run`: the main job."""

import sys
from contextlib import redirect_stdout
from dataclasses import fields
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from tcmr.commands.summary import print_summary
from tcmr.errors import TcmrError, one_line
from tcmr.job import folders_of, run_to_folder
from tcmr.live.choices import LiveOptions
from tcmr.live.job import run_live
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.result import REPORT_FILE, Result
from tcmr.stages import Stages
from tcmr.video.source import folder_name
from tcmr.view.report import write_report


def main(
    videos: Positional[tuple[Path, ...]] = (),
    *,
    output: Annotated[Path, arg(aliases=["-o"])],
    overlay: bool = True,
    report: bool = False,
    source: str | None = None,
    live: Annotated[LiveOptions, arg(name="")] = LiveOptions(),
    options: Annotated[Options, arg(name="")] = Options(),
) -> None:
    """Find every person in videos, estimate their motion, draw it over the video.

    Writes into OUTPUT/<name of the video>: person-<id>.npz for each person, overlay.mp4, result.json.

    Args:
        videos: Video files, or folders of images.
        output: Folder for the results.
        overlay: Draw the bodies over the video.
        report: Also write report.html, one file to send: video, bodies in 3D, curves, how it was made.
        source: Follow people live, until Ctrl-C: "camera:0", "screen", a URL (rtsp://, http://), or "-" for a pipe.
        live: What holds with a source.
        options: What holds for every video.
    """
    if source is not None:
        run_source(source, videos, output, options.for_live(), live, overlay, report)
        return
    refuse_live(live)
    folders = folders_of(videos, output)
    models = Models.load(options)
    failed = 0
    for video, folder in folders.items():
        try:
            result = run_to_folder(video, folder, options, models, Stages(show=True), overlay)
            print_summary(result, folder)
            if report:
                add_report(result, folder, models)
        except (TcmrError, OSError) as error:
            if len(folders) == 1 or isinstance(error, BrokenPipeError):
                raise
            failed += 1
            print(f"tcmr: error: {one_line(error)}", file=sys.stderr)
    if failed:
        raise TcmrError(f"{failed} of {len(folders)} videos could not be used")


def refuse_live(live: LiveOptions) -> None:
    """Refuse what holds with a source only.

    Raises:
        TcmrError: one of these options is not as by default.
    """
    default = LiveOptions()
    for option in fields(live):
        if getattr(live, option.name) != getattr(default, option.name):
            name = option.name.replace("_", "-").replace("preview", "no-preview")
            raise TcmrError(f"--{name} is for a live source; name it with --source, or leave --{name} out")


def run_source(
    source: str,
    videos: tuple[Path, ...],
    output: Path,
    options: Options,
    live: LiveOptions,
    overlay: bool,
    report: bool,
) -> None:
    """Follow people in a live source, and say at the end what was found."""
    if videos:
        raise TcmrError(f"give either videos or --source, not both: {videos[0]}, {source}")
    folder, models = output / folder_name(source), Models.load(options)
    result = run_live(source, folder, options, models, Stages(show=True), live, overlay)
    # Standard output may be for the messages.
    with redirect_stdout(sys.stdout if live.emit is None else sys.stderr):
        print_summary(result, folder)
        if report:
            add_report(result, folder, models)


def add_report(result: Result, folder: Path, models: Models) -> None:
    """Write the report page beside a result's files, if anybody was found."""
    if result.motions:
        write_report(folder, folder / REPORT_FILE, body=models.body)
        print(f"{result.clip.path.name}: report in {folder / REPORT_FILE}")
