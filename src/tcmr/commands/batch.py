"""`tcmr batch`: the main job on many videos."""

import sys
from typing import Annotated

from rich.console import Console
from rich.table import Table
from tyro.conf import Positional, arg

from tcmr.batch.events import Done, Failed, Outcome, Planned
from tcmr.batch.manifest import MANIFEST_FILE
from tcmr.batch.run import BatchReport, run_batch
from tcmr.options import Options
from tcmr.stages import Stages

SOME_FAILED = 1


def main(
    inputs: Positional[tuple[str, ...]],
    output: Annotated[str, arg(aliases=["-o"])],
    overlay: bool = True,
    processes: Annotated[int | None, arg(metavar="INT")] = None,
    cluster: Annotated[str | None, arg(metavar="auto|ADDRESS")] = None,
    options: Annotated[Options, arg(name="")] = Options(),
) -> None:
    """Run the main job on many videos; start it again to go on where it was stopped; see docs/batch.md.

    Exit code: 0 all done, 1 something failed, 2 bad input.

    Args:
        inputs: Videos, folders, patterns, lists (.csv, .jsonl), or addresses of object stores (s3://...).
        output: Folder, or address, for the results and for manifest.jsonl, which says what was done.
        overlay: Draw the bodies over the videos.
        processes: How many videos at once; default: as many as there are cores.
        cluster: Run on a Ray cluster: the one that this machine belongs to ("auto"), or its address.
        options: What holds for every video.
    """
    report = run_batch(
        inputs,
        output,
        options,
        overlay=overlay,
        processes=processes,
        cluster=cluster,
        listener=_say,
        stages=Stages(show=True),
    )
    _summarize(report, output)
    if report.failed:
        sys.exit(SOME_FAILED)


def _say(task: Planned, outcome: Outcome, count: int, total: int) -> None:
    """Tell of a video that has just ended."""
    if isinstance(outcome, Done):
        said = f"{outcome.persons} persons in {outcome.frames} frames, {outcome.seconds:.1f} s"
    else:
        said = f"failed: {outcome.error}"
    print(f"[{count}/{total}] {task.folder}: {said}", flush=True)


def _summarize(report: BatchReport, output: str) -> None:
    """Print the summary: a table on a terminal, plain lines elsewhere."""
    console = Console()
    rows = _rows(report)
    if console.is_terminal:
        table = Table("", "videos", "frames", "persons", "time (s)")
        for row in rows:
            table.add_row(*map(str, row))
        console.print(table)
    else:
        for name, videos, frames, persons, seconds in rows:
            print(f"{name}: {videos} videos, {frames} frames, {persons} persons, {seconds} s")
    for task in report.failed:
        outcome = report.outcomes[task.id]
        assert isinstance(outcome, Failed)
        print(f"tcmr: failed: {task.video}: {outcome.error.removeprefix(f'{task.video}: ')}", file=sys.stderr)
    print(f"results and {MANIFEST_FILE} in {output}")


def _rows(report: BatchReport) -> list[tuple[str, int, int, int, float]]:
    """Return name, number of videos, frames, persons and seconds of each kind of outcome."""
    before = [task for task in report.done if task.id in report.already]
    now = [task for task in report.done if task.id not in report.already]
    rows = []
    for name, tasks in (("done", now), ("done before", before), ("failed", report.failed)):
        outcomes = [report.outcomes[task.id] for task in tasks]
        done = [outcome for outcome in outcomes if isinstance(outcome, Done)]
        frames, persons = sum(each.frames for each in done), sum(each.persons for each in done)
        rows.append((name, len(tasks), frames, persons, round(sum(each.seconds for each in done), 1)))
    rows.append(("the same as another", len(report.planned) - len(report.outcomes), 0, 0, 0.0))
    return [row for row in rows if row[1]]
