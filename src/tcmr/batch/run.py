"""Many videos from the inputs to the summary."""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from tcmr.batch.choices import named_files
from tcmr.batch.crew import Crew, work_off
from tcmr.batch.events import Done, Event, Failed, Outcome, Planned
from tcmr.batch.local_crew import LocalCrew
from tcmr.batch.manifest import MANIFEST_FILE, Manifest
from tcmr.batch.output import Output, output_of
from tcmr.batch.place import place_of
from tcmr.batch.plan import plan
from tcmr.batch.ray_crew import RayCrew
from tcmr.batch.sources import find_sources
from tcmr.batch.work import VideoWork, done_by_result
from tcmr.errors import TcmrError
from tcmr.options import Options
from tcmr.stages import Stages

Listener = Callable[[Planned, Outcome, int, int], None]


@dataclass(frozen=True)
class BatchReport:
    """How a batch went: the plan, and the outcome of each id in it; `already` are those done before."""

    planned: list[Planned]
    outcomes: dict[str, Outcome]
    already: frozenset[str]

    @property
    def done(self) -> list[Planned]:
        """The videos that have a result, each content once."""
        return [task for task in unique(self.planned) if isinstance(self.outcomes[task.id], Done)]

    @property
    def failed(self) -> list[Planned]:
        """The videos that have none."""
        return [task for task in unique(self.planned) if isinstance(self.outcomes[task.id], Failed)]


def run_batch(
    inputs: str | Path | Sequence[str | Path],
    output: str | Path,
    options: Options | None = None,
    *,
    overlay: bool = True,
    processes: int | None = None,
    cluster: str | None = None,
    listener: Listener | None = None,
    stages: Stages | None = None,
) -> BatchReport:
    """Do many videos; what an earlier call with the same output has finished is not done again.

    `inputs` are files, folders, patterns, lists (.csv, .jsonl) or addresses of object stores, or one of these. There
    are as many worker `processes` as cores unless told otherwise; with the address of a Ray `cluster` ("auto": the
    one that this machine belongs to), workers are actors there. The `listener` hears of each video that
    ends, how many have, and how many there are to do; `stages` shows how far reading the videos is.

    Raises:
        TcmrError: an input is missing, a list is damaged, the models cannot be loaded, or the output folder
            cannot be written. What is wrong with one video is in the report, and stops no other.
    """
    if processes is not None and processes < 1:
        raise TcmrError(f"processes must be above 0, not {processes}")
    options, output = options or Options(), place_of(str(output)).name
    stages = stages or Stages()
    given = [inputs] if isinstance(inputs, str | Path) else inputs
    sources = find_sources([str(each) for each in given], output, options)
    place = output_of(output)
    with place.locked():
        manifest = Manifest(place.journal(), f"{output}/{MANIFEST_FILE}")
        looked_at = stages.progress("looking at videos", sources, len(sources), "videos")
        planned = plan(looked_at, options, overlay, manifest, place.is_taken)
        manifest.add(task for task in planned if not manifest.knows(task))
        already = _already_done(planned, manifest, place)
        tasks = [task for task in unique(planned) if task.id not in already]
        work = VideoWork(_from_anywhere(options), overlay, output, _threads(processes, cluster))
        try:
            _work_off(tasks, partial(_crew, work, processes, cluster), manifest, listener)
        finally:
            manifest.close()
        outcomes = {task.id: _outcome(manifest.last[task.id]) for task in planned}
    return BatchReport(planned, outcomes, already)


def unique(planned: Iterable[Planned]) -> list[Planned]:
    """Return the first of each id, in order."""
    return list({task.id: task for task in reversed(list(planned))}.values())[::-1]


def _already_done(planned: list[Planned], manifest: Manifest, output: Output) -> frozenset[str]:
    """Return the ids whose results are there; what a kill kept from being written down is made up for."""
    found = {task.id for task in unique(planned) if output.is_finished(task.folder)}
    unrecorded = [task for task in unique(planned) if task.id in found and not manifest.is_done(task.id)]
    manifest.add(done_by_result(task, output.result(task.folder)) for task in unrecorded)
    return frozenset(found)


def _work_off(
    tasks: list[Planned], crew: Callable[[], Crew], manifest: Manifest, listener: Listener | None
) -> None:
    if not tasks:
        return
    by_id = {task.id: task for task in tasks}
    count = 0
    with closing(work_off(tasks, crew())) as events:
        for event in events:
            manifest.add([event])
            if isinstance(event, Done | Failed):
                count += 1
                if listener is not None:
                    listener(by_id[event.id], event, count, len(tasks))


def _crew(work: VideoWork, processes: int | None, cluster: str | None) -> Crew:
    if cluster is not None:
        return RayCrew(work, cluster, processes, gpu=work.options.device.startswith("cuda"))
    return LocalCrew(work, processes or os.cpu_count() or 1)


def _threads(processes: int | None, cluster: str | None) -> int:
    """Return how many threads a worker has: one, and more only where fewer workers than cores are asked for."""
    return 1 if processes is None or cluster is not None else max(1, (os.cpu_count() or 1) // processes)


def _from_anywhere(options: Options) -> Options:
    """Return the options with whole paths: a worker on another machine stands in another folder."""
    whole: dict[str, Any] = {name: os.path.abspath(path) for name, path in named_files(options).items()}
    return replace(options, **whole)


def _outcome(event: Event) -> Outcome:
    assert isinstance(event, Done | Failed), event
    return event
