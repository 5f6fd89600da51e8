"""What an evaluation found, so that it can be read, checked and repeated."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from tcmr.evaluate.score import EndScores, Scores

# Field of Scores -> heading and format.
COLUMNS = {
    "mpjpe_mm": ("MPJPE mm", ".1f"),
    "pa_mpjpe_mm": ("PA-MPJPE mm", ".1f"),
    "mpvpe_mm": ("MPVPE mm", ".1f"),
    "acceleration_error_mm": ("Accel mm/frame²", ".1f"),
    "acceleration_error_si": ("Accel m/s²", ".1f"),
    "speed_kept": ("speed kept", ".2f"),
    "acceleration_kept": ("acceleration kept", ".2f"),
    "velocity_followed": ("velocity followed", ".2f"),
    "worst_mpjpe_mm": ("worst 5 % MPJPE mm", ".1f"),
    "worst_pa_mpjpe_mm": ("worst 5 % PA-MPJPE mm", ".1f"),
    "facing_away_percent": ("facing away %", ".1f"),
    "facing_away_frames": ("facing away, frames", "d"),
    "off_person_percent": ("off the person % of height", ".1f"),
    "shape_error": ("shape error / prior", ".2f"),
}
# What is worth showing of the clips' ends, and in pictures of the parts.
END_COLUMNS = ("mpjpe_mm", "pa_mpjpe_mm", "acceleration_error_mm", "speed_kept", "off_person_percent")
PART_COLUMNS = ("mpjpe_mm", "pa_mpjpe_mm", "acceleration_error_mm", "speed_kept", "facing_away_percent")


@dataclass(frozen=True)
class Report:
    """Scores of methods under one protocol, with everything that it takes to repeat them.

    `rows` has a method's overall scores, `parts` those of each part of the data (a camera, a clip), `ends` those
    of the clips' ends and of what lies between.
    """

    data: str
    split: str
    protocol: str
    weights: str
    command: str
    rows: Mapping[str, Scores]
    parts: Mapping[str, Mapping[str, Scores]] = field(default_factory=dict)
    ends: Mapping[str, EndScores] = field(default_factory=dict)

    def markdown(self) -> str:
        """Write the tables as Markdown: all methods, the clips' ends, then each method part by part."""
        facts = ("data", "split", "protocol", "weights", "command")
        blocks = [
            "\n".join(f"- {name}: {getattr(self, name)}" for name in facts),
            table("method", self.rows),
        ]
        at_ends = {
            f"{method}: {part}": scores
            for method, of_part in self.ends.items()
            for part, scores in of_part.items()
        }
        if at_ends:
            blocks += ["Clip ends apart:", table("method", at_ends, END_COLUMNS)]
        blocks += [f"{method}:\n\n{table('part', of_part)}" for method, of_part in self.parts.items()]
        return "\n\n".join(blocks)

    def json_line(self) -> str:
        """Write everything as one line of JSON."""
        return json.dumps(asdict(self))


def print_report(report: Report) -> None:
    """Print the tables and, as the last line, the JSON."""
    print(report.markdown(), report.json_line(), sep="\n\n")


def used_columns(rows: Iterable[Scores], names: Iterable[str] = COLUMNS) -> list[str]:
    """Return the columns that somebody has a number in."""
    rows = list(rows)
    return [name for name in names if any(getattr(row, name) is not None for row in rows)]


def table(first_heading: str, rows: Mapping[str, Scores], names: Iterable[str] = COLUMNS) -> str:
    """Write a Markdown table, without the columns that nobody has."""
    used = used_columns(rows.values(), names)
    lines = [[first_heading, *(COLUMNS[name][0] for name in used)], ["---", *("---:" for _ in used)]]
    for label, row in rows.items():
        lines.append([label, *(cell(getattr(row, name), COLUMNS[name][1]) for name in used)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(value: int | float | None, spec: str) -> str:
    """Write a number, or a dash where there is none."""
    return "-" if value is None else format(value, spec)
