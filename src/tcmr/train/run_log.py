"""A run's log: JSON lines to read and TensorBoard to look at, both cut back to where a run goes on."""

import json
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from tcmr.errors import TcmrError
from tcmr.files import parse_json, read_text
from tcmr.train.record import REMEDY


class RunLog:
    """Writes rows of numbers, each of one step."""

    def __init__(self, run: Path, done: int):
        """Open a run's log; rows of steps after `done`, which a killed run left, are dropped.

        Raises:
            TcmrError: there is one that cannot be read.
        """
        self._path = run / "log.jsonl"
        kept = [row for row in read_log(run) if row["step"] <= done]
        self._path.write_text("".join(json.dumps(row) + "\n" for row in kept))
        self._board = SummaryWriter(str(run / "tensorboard"), purge_step=done + 1)

    def write(self, kind: str, step: int, figures: dict[str, float], **more: Any) -> None:
        """Write a row; figures also go to TensorBoard, under `kind`."""
        with self._path.open("a") as file:
            file.write(json.dumps({"step": step, "kind": kind} | figures | more) + "\n")
        for name, figure in figures.items():
            self._board.add_scalar(f"{kind}/{name}", figure, step)

    def close(self) -> None:
        """Finish writing."""
        self._board.close()


def read_log(run: Path) -> list[dict[str, Any]]:
    """Return the rows of a run's log; a last line that was cut off is left out.

    Raises:
        TcmrError: the log cannot be read, or a line of it is no row of a step.
    """
    path = run / "log.jsonl"
    if not path.exists() and not path.is_symlink():
        return []
    try:
        lines = read_text(path).split("\n")[:-1]
        return [_row(line, number) for number, line in enumerate(lines, start=1)]
    except (OSError, ValueError) as error:
        raise TcmrError(f"cannot read {path}: {error}; {REMEDY}") from error


def _row(line: str, number: int) -> dict[str, Any]:
    row = parse_json(line)
    if not isinstance(row, dict) or type(row.get("step")) is not int:
        raise ValueError(f"line {number} is no row of a step")
    return row
