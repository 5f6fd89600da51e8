"""The work itself: the main job on video after video, with models that are loaded once."""

import time
from dataclasses import dataclass

import torch

from tcmr.batch.choices import with_choices
from tcmr.batch.events import Done, Planned
from tcmr.batch.output import Output, output_of
from tcmr.batch.place import place_of
from tcmr.batch.worker import Work
from tcmr.errors import TcmrError
from tcmr.files import parse_json
from tcmr.job import run_to_folder
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.stages import Stages


@dataclass(frozen=True)
class VideoWork:
    """What workers of a batch are given; `threads` are those that the stages and networks of a video share."""

    options: Options
    draw: bool
    output: str
    threads: int = 1

    def __call__(self) -> Work:
        """Load the models and return what does a video with them.

        Raises:
            TcmrError: a model or the device cannot be had.
        """
        torch.set_num_threads(1)  # videos and stages share the cores
        models = Models.load(self.options, self.threads)
        output = output_of(self.output)
        return lambda task: self._do(task, models, output)

    def _do(self, task: Planned, models: Models, output: Output) -> Done:
        began = time.perf_counter()
        options = with_choices(self.options, task.choices)
        with place_of(task.video).here() as video, output.folder(task.folder) as folder:
            try:
                stages = Stages(threads=self.threads)
                result = run_to_folder(video, folder, options, models, stages, self.draw, task.video)
            except TcmrError as error:
                raise TcmrError(str(error).replace(str(video), task.video)) from error
        seconds = round(time.perf_counter() - began, 3)
        return Done(task.id, len(result.timestamps_s), len(result.motions), seconds)


def done_by_result(task: Planned, content: bytes) -> Done:
    """Return the outcome that a `result.json` is the proof of.

    Raises:
        TcmrError: it is damaged.
    """
    try:
        result = parse_json(content)
        return Done(task.id, int(result["frames"]), len(result["persons"]), float(result["seconds"]["total"]))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise TcmrError(f"the result.json in {task.folder} is damaged ({error}); delete it") from error
