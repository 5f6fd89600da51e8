"""A report as a picture: a panel of bars for each figure (extra `view`: matplotlib)."""

import math
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tcmr.errors import TcmrError
from tcmr.evaluate.report import COLUMNS, END_COLUMNS, PART_COLUMNS, Report, cell, used_columns
from tcmr.evaluate.score import Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS_A_ROW = 5
WIDTH_IN, TITLE_HEIGHT_IN, BAR_HEIGHT_IN = 20.0, 0.8, 0.2
# Figures of which 1 is the truth's value, or that of who always says the same.
AT_ONE = ("speed_kept", "acceleration_kept", "velocity_followed", "shape_error")

# Method -> part of the data -> scores.
Section = Mapping[str, Mapping[str, Scores]]


def check_matplotlib() -> None:
    """Make sure that pictures can be drawn, before the work that is to be drawn.

    Raises:
        TcmrError: matplotlib is missing.
    """
    if find_spec("matplotlib") is None:
        raise TcmrError("a report's picture takes matplotlib: pip install 'tcmr[view]'")


def draw_report(report: Report, path: Path) -> None:
    """Draw a PNG: all methods side by side, then the clips' ends, then the parts of the data.

    Raises:
        OSError: it cannot be written.
    """
    from matplotlib.figure import Figure

    overall = {method: {"all frames": scores} for method, scores in report.rows.items()}
    sections = [(overall, tuple(COLUMNS)), (report.ends, END_COLUMNS), (report.parts, PART_COLUMNS)]
    shown = [(section, _used(section, names)) for section, names in sections if any(section.values())]
    heights = [_height_in(section, names) for section, names in shown]
    figure = Figure(figsize=(WIDTH_IN, sum(heights) + TITLE_HEIGHT_IN), layout="constrained")
    figure.suptitle(f"{report.data}\n{report.command}")
    places = figure.subfigures(len(shown), height_ratios=heights, squeeze=False)[:, 0]
    for (section, names), place in zip(shown, places, strict=True):
        grid = place.subplots(_rows(names), PANELS_A_ROW, sharey=True, squeeze=False).flatten()
        for name, axes in zip(names, grid, strict=False):
            _draw_bars(axes, section, name)
        for axes in grid[len(names) :]:
            axes.set_axis_off()
        place.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.savefig(path, format="png", dpi=80)


def _draw_bars(axes: "Axes", section: Section, name: str) -> None:
    """Draw one figure: a group of bars for each method, a colour for each part."""
    heading, spec = COLUMNS[name]
    axes.set_title(heading)
    axes.set_yticks(range(len(section)), list(section))
    axes.set_ylim(len(section) - 0.5, -0.5)
    axes.margins(x=0.15)
    parts = list(dict.fromkeys(part for of_part in section.values() for part in of_part))
    thickness = 0.8 / len(parts)
    for number, part in enumerate(parts):
        offset = thickness * (number - (len(parts) - 1) / 2)
        values = [getattr(of_part[part], name) if part in of_part else None for of_part in section.values()]
        bars = axes.barh(
            [place + offset for place in range(len(section))],
            [value or 0 for value in values],
            thickness,
            label=part,
        )
        axes.bar_label(bars, [cell(value, spec) for value in values], padding=2, fontsize=8)
    if name in AT_ONE:
        axes.axvline(1, color="black", linewidth=0.8, linestyle=":")


def _used(section: Section, names: tuple[str, ...]) -> list[str]:
    return used_columns([scores for of_part in section.values() for scores in of_part.values()], names)


def _rows(names: list[str]) -> int:
    return math.ceil(len(names) / PANELS_A_ROW)


def _height_in(section: Section, names: list[str]) -> float:
    bars = sum(max(len(of_part), 1) for of_part in section.values())
    return _rows(names) * (TITLE_HEIGHT_IN + BAR_HEIGHT_IN * bars) + TITLE_HEIGHT_IN
