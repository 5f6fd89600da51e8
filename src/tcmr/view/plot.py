"""Curves of one result, or of two to compare, as pictures for a paper's column (extra `view`: matplotlib)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from tcmr.errors import TcmrError
from tcmr.plot_style import BLUE, COLUMN_IN, ORANGE, STYLE
from tcmr.result import make_folder
from tcmr.types import Motion
from tcmr.view.curves import acceleration_m_s2, attends, mean_known
from tcmr.view.shown_result import ShownResult, open_results
from tcmr.world.axes import path_of, steadied
from tcmr.world.path import smooth_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray

PANEL_IN, MARGIN_IN = 1.25, 0.55  # height of a panel, and what title and axis take
FORMATS = ("png", "svg")
CURVES: dict[Any, Any] = {
    **STYLE,
    "font.size": 7.5,
    "axes.titlesize": 8,
    "lines.linewidth": 0.9,
    "text.parse_math": False,
}
RESULT_COLOURS = (BLUE, ORANGE)
LABEL = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}  # lines may pass below
LEGEND: dict[str, Any] = {"handlelength": 1.2, "borderpad": 0, "borderaxespad": 0.3}
LEGEND_CHARACTERS = 40  # that fit beside each other
ATTENTION_COLOURS = {"past": "#86a8e8", "current": BLUE, "future": "#c3c9d4"}


@dataclass(frozen=True)
class Curve:
    """One person of one result."""

    label: str
    colour: str
    motion: Motion


def write_plots(results: str | Path | Sequence[str | Path], folder: str | Path) -> list[Path]:
    """Write acceleration, trajectory and attention of a result, or of two to compare, each as PNG and SVG.

    A result is a folder of `tcmr run`, or a motion file; the plots' folder is made where it is missing. Returns the
    files.

    Raises:
        TcmrError: a result cannot be read, matplotlib is missing, or the files cannot be written.
    """
    if find_spec("matplotlib") is None:
        raise TcmrError("plots take matplotlib: pip install 'tcmr[view]'")
    from matplotlib import rc_context

    results = [results] if isinstance(results, str | Path) else results
    opened = open_results([Path(result) for result in results])
    folder = Path(folder)
    make_folder(folder)
    files = []
    with rc_context(CURVES):
        for name, figure in _figures(opened):
            for suffix in FORMATS:
                files.append(folder / f"{name}.{suffix}")
                _save(figure, files[-1])
    return files


def _figures(results: Sequence[ShownResult]) -> Iterator[tuple[str, "Figure"]]:
    persons = _by_person(results)
    yield "acceleration", acceleration_figure(persons)
    if all(curve.motion.transl_m is not None for curves in persons.values() for curve in curves):
        yield "trajectory", trajectory_figure(persons)
    if any(attends(curve.motion) for curves in persons.values() for curve in curves):
        yield "attention", attention_figure(persons)


def acceleration_figure(persons: dict[int, list[Curve]]) -> "Figure":
    """Draw the joints' mean acceleration in each frame: a panel for each person, a line for each result.

    Source: the paper's figure of acceleration errors, with and without temporal consistency.
    """
    figure, panels = _panels(len(persons))
    for (person, curves), axes in zip(persons.items(), panels, strict=True):
        for curve in reversed(curves):
            frames, values = _with_gaps(curve.motion, acceleration_m_s2(curve.motion))
            axes.plot(frames, values, color=curve.colour, label=f"mean {mean_known(values):.1f}")
        axes.set_title(f"person {person}", loc="left")
        axes.set_ylim(bottom=0)
        axes.set_ylabel("m/s²")
        axes.margins(x=0)
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(curves), **LEGEND)
    panels[-1].set_xlabel("frame")
    _name_results(figure, panels, persons)
    figure.suptitle("Acceleration of the joints relative to the pelvis", fontsize=8.5)
    return figure


def trajectory_figure(persons: dict[int, list[Curve]]) -> "Figure":
    """Draw the pelvis' path from above, as estimated (thin) and smoothed: the camera is at (0, 0).

    Axes: the camera's as the shot began; people of several shots are drawn into one picture.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    figure = Figure(figsize=(COLUMN_IN, COLUMN_IN), layout="constrained")
    axes = figure.subplots()
    for person, curves in persons.items():
        for curve in reversed(curves):
            seen = steadied(curve.motion)
            raw, steady = path_of(seen), path_of(smooth_path(seen))
            for number, stretch in enumerate(curve.motion.stretches()):
                faint = Line2D(
                    raw[stretch, 0], raw[stretch, 2], color=curve.colour, alpha=0.35, linewidth=0.5
                )
                axes.add_artist(faint)  # unlike plot: its outliers may leave the picture
                x, z = steady[stretch, 0], steady[stretch, 2]
                label = curve.label if number == 0 and person == min(persons) else None
                axes.plot(x, z, color=curve.colour, linewidth=1.3, label=label)
            start = (steady[0, 0], steady[0, 2])
            axes.plot(*start, "o", color=curve.colour, markersize=3)
        axes.annotate(f"person {person}", start, (4, 4), textcoords="offset points", bbox=LABEL)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel("to the camera's right (m)")
    axes.set_ylabel("away from the camera (m)")
    if max(map(len, persons.values())) > 1:
        axes.legend(loc="best")
    figure.suptitle("Path of the pelvis from above, from the dot on", fontsize=8.5)
    return figure


def attention_figure(persons: dict[int, list[Curve]]) -> "Figure":
    """Draw how much past, current and future frames counted: a panel for each person of each result.

    Where each frame was estimated by itself there is nothing to draw.
    """
    curves = [(person, curve) for person, each in persons.items() for curve in each if attends(curve.motion)]
    several = max(len(each) for each in persons.values()) > 1
    figure, panels = _panels(len(curves))
    for (person, curve), axes in zip(curves, panels, strict=True):
        frames, shares = _with_gaps(curve.motion, curve.motion.attention)
        axes.stackplot(
            frames, shares.T, labels=ATTENTION_COLOURS, colors=ATTENTION_COLOURS.values(), linewidth=0
        )
        axes.set_title(f"person {person}" + (f", {curve.label}" if several else ""), loc="left")
        axes.set_ylim(0, 1)
        axes.set_ylabel("share")
        axes.margins(x=0)
    panels[-1].set_xlabel("frame")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.suptitle("Attention to past, current and future frames", fontsize=8.5)
    return figure


def _by_person(results: Sequence[ShownResult]) -> dict[int, list[Curve]]:
    """Sort the motions by person; each in the colour of its result."""
    persons: dict[int, list[Curve]] = {}
    for result, colour in zip(results, RESULT_COLOURS, strict=False):
        for motion in result.motions:
            persons.setdefault(motion.person, []).append(Curve(result.label, colour, motion))
    return dict(sorted(persons.items()))


def _panels(count: int) -> tuple["Figure", list["Axes"]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(COLUMN_IN, MARGIN_IN + PANEL_IN * count), layout="constrained")
    return figure, list(figure.subplots(count, sharex=True, squeeze=False)[:, 0])


def _name_results(figure: "Figure", panels: list["Axes"], persons: dict[int, list[Curve]]) -> None:
    """Say below which colour is which result, where there are two."""
    fullest = max(persons, key=lambda person: len(persons[person]))
    curves = persons[fullest]
    if len(curves) > 1:
        lines = panels[list(persons).index(fullest)].lines[::-1]
        long = sum(len(curve.label) for curve in curves) > LEGEND_CHARACTERS
        names = [curve.label for curve in curves]
        figure.legend(lines, names, loc="outside lower center", ncols=1 if long else 2, **LEGEND)


def _with_gaps(
    motion: Motion, values: Float32[Array, "frames *size"]
) -> tuple[Array, Float32[Array, "every *size"]]:
    """Put NaN between stretches, so that no line leads over a gap."""
    first, last = motion.frames[[0, -1]]
    every = np.full((last - first + 1, *values.shape[1:]), np.nan, np.float32)
    every[motion.frames - first] = values
    return np.arange(first, last + 1), every


def _save(figure: "Figure", path: Path) -> None:
    try:
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    except OSError as error:
        raise TcmrError(f"cannot write {path}: {error.strerror or error}") from error
