"""How plots for a paper's column look: width, colours, and what matplotlib is told."""

from typing import Any

COLUMN_IN = 3.35  # width of a column of a two-column paper
# Blue stands out before orange, and they are told apart by everybody.
BLUE, ORANGE = "#1f5fbf", "#e08a1e"
STYLE: dict[str, Any] = {
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    "savefig.dpi": 300,
    "svg.fonttype": "none",  # text stays text
}
