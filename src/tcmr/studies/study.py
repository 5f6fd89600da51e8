"""A study: a question, the rows of its table, and the running of it, which goes on where it was stopped."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Protocol, runtime_checkable

from tcmr.studies.workshop import Workshop

Figures = dict[str, float]


@runtime_checkable
class Measure(Protocol):
    """Anything that trains, if it must, and measures; a frozen value, so that its results are found again."""

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Return the figures of one seed."""


@dataclass(frozen=True)
class Row:
    """One row of a study's table.

    `paper` has the published figures beside ours, under the same names. Where nothing is `random`, one seed will do.
    What may change between runs (the weights that ship) is not `remembered`.
    """

    name: str
    measure: Measure
    paper: Mapping[str, float] = field(default_factory=dict)
    random: bool = True
    remembered: bool = True


@dataclass(frozen=True)
class Column:
    """One figure: its heading, its format, and whether it is drawn."""

    name: str
    heading: str
    spec: str = ".1f"
    drawn: bool = False


@dataclass(frozen=True)
class Study:
    """A question about the temporal model; `seeds` is how often each row is trained."""

    name: str
    question: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    seeds: int = 3

    @property
    def trains(self) -> bool:
        """Whether anything is trained: else a second seed would say the same again."""
        return any(row.random for row in self.rows)


@dataclass(frozen=True)
class Results:
    """What a study found: figures by row and seed."""

    study: Study
    of_row: Mapping[str, tuple[Figures, ...]]

    def values(self, row: Row, column: str) -> list[float]:
        """Return one figure of a row, seed by seed; empty where it was not measured."""
        return [figures[column] for figures in self.of_row.get(row.name, ()) if column in figures]

    def mean(self, row: Row, column: str) -> float | None:
        """Return a figure's mean over seeds."""
        values = self.values(row, column)
        return fmean(values) if values else None

    def spread(self, row: Row, column: str) -> float | None:
        """Return a figure's standard deviation over seeds, None for fewer than two."""
        values = self.values(row, column)
        return stdev(values) if len(values) > 1 else None


def run(
    study: Study, workshop: Workshop, seeds: int | None = None, say: Callable[[str], None] = print
) -> Results:
    """Measure every row with every seed that was not measured before or is not remembered, a line of JSON for each."""
    log = workshop.folder / study.name / "results.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    known = {line["key"]: line["figures"] for line in whole_lines(log)}
    found: dict[str, list[Figures]] = {row.name: [] for row in study.rows}
    for row in study.rows:
        for seed in range((seeds or study.seeds) if row.random else 1):
            key = repr((row.measure, workshop.scale, seed, workshop.material.shipped))
            if key not in known or not row.remembered:
                known[key] = row.measure(workshop, seed)
                line = json.dumps({"row": row.name, "seed": seed, "figures": known[key], "key": key})
                with log.open("a") as file:
                    file.write(line + "\n")
                say(f"{study.name}: {row.name}, seed {seed}: {_brief(study, known[key])}")
            found[row.name].append(known[key])
    return Results(study, {name: tuple(figures) for name, figures in found.items()})


def whole_lines(log: Path) -> list[dict[str, Any]]:
    """Read a log of JSON lines; a last line that was cut off is taken out of it."""
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    whole = [line for line in lines if line.endswith("\n")]
    if whole != lines:
        log.write_text("".join(whole))
    return [json.loads(line) for line in whole]


def _brief(study: Study, figures: Figures) -> str:
    shown = [column for column in study.columns if column.name in figures]
    return ", ".join(f"{column.heading} {figures[column.name]:{column.spec}}" for column in shown)
