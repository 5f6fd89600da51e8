"""The main job as one call."""

from pathlib import Path

from tcmr import pipeline
from tcmr.job import folders_of, run_to_folder
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.stages import Stages
from tcmr.types import Motion


def run(
    video: str | Path, options: Options | None = None, *, output: str | Path | None = None
) -> list[Motion]:
    """Return the motion of every person in a video file, or in a folder of images.

    With an `output` folder, the files that `tcmr run` writes are written there, in a folder of the video's name.

    Raises:
        TcmrError: the video cannot be read, or a file that is needed cannot be had or written.
    """
    path, options = Path(video), options or Options()
    if output is None:
        return pipeline.run(path, options).motions
    folder = folders_of([path], Path(output))[path]
    return run_to_folder(path, folder, options, Models.load(options), Stages()).motions
