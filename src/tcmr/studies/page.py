"""A study's table and plot: in the study's folder, and in a page of the documentation."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

from tcmr.errors import TcmrError
from tcmr.studies.plot import draw
from tcmr.studies.recipe import Recipe, Scale
from tcmr.studies.study import Results, Study
from tcmr.studies.table import markdown

FORMATS = ("png", "svg")


def publish(results: Results, folder: Path, page: Path | None, made_by: str) -> str:
    """Write a study's table and plot into its folder and, with a page, there; return the table.

    The page has a place for each study between `<!-- NAME -->` and `<!-- /NAME -->`; its plots go to
    pictures/studies beside it.

    Raises:
        TcmrError: the page is missing or has no place for the study, or something cannot be written.
    """
    name = results.study.name
    table = markdown(results)
    try:
        _write_plot(results, folder / name)
        (folder / name / "table.md").write_text(f"{table}\n\n{made_by}\n")
        if page is not None:
            pictures = page.parent / "pictures" / "studies"
            _write_plot(results, pictures)
            plot = f"![{results.study.question}]({pictures.relative_to(page.parent)}/{name}.png)"
            page.write_text(with_block(page, name, f"{table}\n\n{made_by}\n\n{plot}"))
    except OSError as error:
        raise TcmrError(f"cannot write the study {name}: {error}") from error
    return table


def made_by(study: Study, command: str, scale: Scale, seeds: int) -> str:
    """Say how a table was made: command, size of the networks, seeds (0: nothing was trained), machine, versions."""
    trained = (
        f"{seeds} seed{'s' if seeds > 1 else ''}; hidden size {scale.hidden_size}, {_steps(study, scale)} steps "
        f"of {scale.batch} clips with {scale.targets} targets"
    )
    machine = f"{os.cpu_count()} cores ({platform.machine()})"
    return f"`{command}`: {trained if seeds else 'the shipped weights'}; torch {version('torch')}, {machine}."


def _steps(study: Study, scale: Scale) -> str:
    """Say how many steps the rows that are trained took; each may have a factor of its own on the scale's."""
    recipes = (getattr(row.measure, "recipe", Recipe()) for row in study.rows if row.random)
    return " or ".join(str(steps) for steps in sorted({recipe.steps_of(scale) for recipe in recipes}))


def with_block(page: Path, mark: str, content: str) -> str:
    """Return a page's text with content between `<!-- mark -->` and `<!-- /mark -->`.

    Raises:
        TcmrError: the page has no such place.
    """
    text = page.read_text()
    start, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    if not (start in text and end in text):
        raise TcmrError(f"{page} has no place for {mark}: it lacks {start} or {end}")
    return re.sub(
        f"{re.escape(start)}.*{re.escape(end)}", lambda _: f"{start}\n{content}\n{end}", text, flags=re.DOTALL
    )


def _write_plot(results: Results, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draw(results, [folder / f"{results.study.name}.{suffix}" for suffix in FORMATS])
