"""`tcmr plot`: curves of a result as pictures."""

from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from tcmr.view.plot import write_plots


def main(
    results: Positional[tuple[Path, ...]],
    output: Annotated[Path, arg(aliases=["-o"])],
) -> None:
    """Draw acceleration, trajectory and attention for a paper's column; two results are compared.

    Writes into OUTPUT: acceleration, trajectory and attention, each as .png and .svg. See docs/viewer.md.

    Args:
        results: Result folder of `tcmr run`, or file person-<id>.npz; a second one to compare with.
        output: Folder for the pictures.
    """
    for file in write_plots(results, output):
        print(file)
