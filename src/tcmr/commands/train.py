"""`tcmr train`: a stage of the open weights."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tyro.conf import Positional

from tcmr.train.clips import TrainingClips
from tcmr.train.config import TrainConfig
from tcmr.train.loop import train
from tcmr.train.stages import stage_of


def main(
    config: Positional[Path],
    run: Path | None = None,
    motion: Path | None = None,
    rendered: Path | None = None,
    start_from: Path | None = None,
    steps: int | None = None,
) -> None:
    """Train a stage of the open weights, or go on with a run that was stopped; see docs/training.md.

    Args:
        config: A file of `configs/`; each of the following replaces what it says.
        run: Folder for the log, the checkpoint and the weights.
        motion: File of motion capture.
        rendered: Folder of rendered clips, with sub-folders train and val.
        start_from: Weights of the stage before.
        steps: Number of training steps.
    """
    given: dict[str, Any] = {
        "run": run,
        "motion": motion,
        "rendered": rendered,
        "start_from": start_from,
        "steps": steps,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    settings = replace(TrainConfig.load(config), **changes)
    figures = train(stage_of(settings, TrainingClips.load(settings)), settings)
    print(json.dumps(figures))
