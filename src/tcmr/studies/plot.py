"""A study's results as a picture for a paper's column: a panel for each figure that matters, a dot for each seed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tcmr.plot_style import BLUE, COLUMN_IN, ORANGE, STYLE
from tcmr.studies.study import Column, Results
from tcmr.studies.table import shown_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL_IN, ROW_IN = 0.42, 0.13  # height of a panel without its rows, and of a row
SMALL: dict[Any, Any] = {**STYLE, "font.size": 6.5, "axes.titlesize": 7, "svg.hashsalt": "tcmr"}


def draw(results: Results, files: list[Path]) -> None:
    """Draw the columns that are marked for it, one below the other, into each file (its suffix says the format).

    Raises:
        OSError: a file cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    drawn = [column for column in shown_columns(results) if column.drawn]
    rows = len(results.study.rows)
    with rc_context(SMALL):
        figure = Figure(
            figsize=(COLUMN_IN, len(drawn) * (PANEL_IN + ROW_IN * rows) + 0.2), layout="constrained"
        )
        panels = figure.subplots(len(drawn), squeeze=False)[:, 0]
        for column, axes in zip(drawn, panels, strict=True):
            _draw_column(results, column, axes)
        labelled = dict(zip(*reversed(panels[0].get_legend_handles_labels()), strict=True))
        for axes in panels[1:]:
            labelled |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
        figure.legend(labelled.values(), labelled.keys(), loc="outside lower center", ncols=3)
        for file in files:
            figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def _draw_column(results: Results, column: Column, axes: "Axes") -> None:
    """Draw one figure: a dot for each seed, a line at their mean, the paper's as a diamond."""
    for place, row in enumerate(results.study.rows):
        values, mean = results.values(row, column.name), results.mean(row, column.name)
        axes.plot(values, [place] * len(values), "o", color=BLUE, markersize=2.5, alpha=0.6, label="a seed")
        if mean is not None:
            axes.plot([mean], [place], "|", color=BLUE, markersize=9, label="mean")
        if column.name in row.paper:
            axes.plot([row.paper[column.name]], [place], "D", color=ORANGE, markersize=3, label="paper, 3DPW")
    axes.set_yticks(range(len(results.study.rows)), [row.name for row in results.study.rows])
    axes.set_ylim(len(results.study.rows) - 0.5, -0.5)
    axes.margins(x=0.08)
    axes.set_title(column.heading, loc="left")
