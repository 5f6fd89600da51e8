"""Write the tables of docs/post_filters.md anew, with the weights that are shipped.

python tools/post_filters.py
"""

import json
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import tyro

from tcmr.commands import evaluate
from tcmr.evaluate.report import table
from tcmr.evaluate.score import Scores

COLUMNS = (
    "mpjpe_mm",
    "pa_mpjpe_mm",
    "acceleration_error_mm",
    "acceleration_error_si",
    "speed_kept",
    "acceleration_kept",
    "velocity_followed",
    "off_person_percent",
)


def main(page: Path = Path("docs/post_filters.md"), rendered: Path = Path("data/rendered/test")) -> None:
    """Score every post-filter on both data sets and put the tables between the page's marks.

    Args:
        page: The page to write into.
        rendered: Folder of rendered clips.
    """
    text = page.read_text()
    for data in ("rendered", "beam"):
        with TemporaryDirectory() as folder:
            evaluate.main(data, rendered, report=Path(folder), post_filters=True)
            found = json.loads((Path(folder) / f"{data}.json").read_text())
        text = with_block(text, data, block(found))
    page.write_text(text)


def block(report: dict) -> str:
    """Return a report's methods, without the baselines, as a table under the command that makes it."""
    rows = {name: Scores(**scores) for name, scores in report["rows"].items() if name.startswith("ours")}
    made = f"Weights `{report['weights']}`, torch {torch.__version__}, {os.cpu_count()} cores."
    return f"`{report['command']}`\n\n{table('method', rows, COLUMNS)}\n\n{made}"


def with_block(text: str, mark: str, content: str) -> str:
    """Put content between `<!-- mark -->` and `<!-- /mark -->`."""
    start, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    if not (start in text and end in text):
        raise ValueError(f"the page has no place for {mark}: it lacks {start} or {end}")
    return re.sub(
        f"{re.escape(start)}.*{re.escape(end)}", lambda _: f"{start}\n{content}\n{end}", text, flags=re.DOTALL
    )


if __name__ == "__main__":
    tyro.cli(main)
