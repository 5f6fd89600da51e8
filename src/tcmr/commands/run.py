"""`tcmr run`: the main job."""

import sys
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from tcmr.commands.summary import print_summary
from tcmr.errors import TcmrError
from tcmr.job import folders_of, run_to_folder
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.stages import Stages


def main(
    videos: Positional[tuple[Path, ...]],
    output: Annotated[Path, arg(aliases=["-o"])],
    overlay: bool = True,
    options: Annotated[Options, arg(name="")] = Options(),
) -> None:
    """Find every person in videos, estimate their motion, draw it over the video.

    Writes into OUTPUT/<name of the video>: person-<id>.npz for each person, overlay.mp4, result.json.

    Args:
        videos: Video files, or folders of images.
        output: Folder for the results.
        overlay: Draw the bodies over the video.
        options: What holds for every video.
    """
    folders = folders_of(videos, output)
    models = Models.load(options)
    failed = 0
    for video, folder in folders.items():
        try:
            result = run_to_folder(video, folder, options, models, Stages(show=True), overlay)
            print_summary(result, folder)
        except TcmrError as error:
            if len(folders) == 1:
                raise
            failed += 1
            print(f"tcmr: error: {error}", file=sys.stderr)
    if failed:
        raise TcmrError(f"{failed} of {len(folders)} videos could not be used")
