"""`tcmr demo`: the main job on the sample clip."""

from pathlib import Path
from typing import Annotated

from tyro.conf import arg

from tcmr.assets import fetch
from tcmr.commands import run
from tcmr.options import Options


def main(
    output: Annotated[Path, arg(aliases=["-o"])] = Path("results"),
    overlay: bool = True,
    options: Annotated[Options, arg(name="")] = Options(),
) -> None:
    """Run the main job on a real street scene, fetched on first use.

    Args:
        output: Folder for the results.
        overlay: Draw the bodies over the video.
        options: As for `tcmr run`.
    """
    run.main((fetch("sample-clip"),), output=output, overlay=overlay, options=options)
