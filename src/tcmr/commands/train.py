"""`tcmr train`: a stage of the open weights, or TCMR as in the paper."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from tyro.conf import Positional

from tcmr.commands import paper_training
from tcmr.errors import TcmrError
from tcmr.train.clips import TrainingClips
from tcmr.train.config import TrainConfig
from tcmr.train.landmark_stage import LandmarkConfig, LandmarkStage
from tcmr.train.loop import train
from tcmr.train.paper_config import PaperConfig, Precision
from tcmr.train.settings import read_settings, stage_of_file
from tcmr.train.stages import stage_of

# What a configuration's stage makes of it.
KINDS: dict[str, type[LandmarkConfig | TrainConfig | PaperConfig]] = {
    "landmarks": LandmarkConfig,
    "static": TrainConfig,
    "temporal": TrainConfig,
    "paper": PaperConfig,
}


def main(
    config: Positional[Path],
    run: Path | None = None,
    motion: Path | None = None,
    rendered: Path | None = None,
    start_from: Path | None = None,
    steps: int | None = None,
    data: Path | None = None,
    body: str | None = None,
    epochs: int | None = None,
    device: str | None = None,
    devices: int | None = None,
    precision: Precision | None = None,
    seed: int | None = None,
) -> None:
    """Train a stage of the open weights or TCMR as in the paper, or go on with a run that was stopped.

    See docs/training.md and docs/paper_training.md.

    Args:
        config: A file of `configs/`; each of the following replaces what it says.
        run: Folder for the log, the checkpoint and the weights.
        motion: File of motion capture (open weights).
        rendered: Folder of rendered clips, with sub-folders train and val (open weights).
        start_from: Weights of the stage before; for the paper's TCMR, SPIN's checkpoint.
        steps: Number of training steps (open weights).
        data: Folder of feature stores (paper).
        body: SMPL file or folder (paper).
        epochs: Number of epochs (paper).
        device: auto, cpu, cuda or mps (paper).
        devices: Number of devices that share each batch (paper).
        precision: 32-true, bf16-mixed or 16-mixed (paper).
        seed: What all randomness comes from.
    """
    given: dict[str, Any] = {
        "run": run,
        "motion": motion,
        "rendered": rendered,
        "start_from": start_from,
        "steps": steps,
        "data": data,
        "body": body,
        "epochs": epochs,
        "device": device,
        "devices": devices,
        "precision": precision,
        "seed": seed,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    stage = stage_of_file(config)
    if stage not in tuple(KINDS):
        raise TcmrError(f"{config} must set stage to one of: {', '.join(KINDS)}")
    kind = KINDS[stage]
    known = {entry.name for entry in fields(kind)}
    if foreign := changes.keys() - known:
        raise TcmrError(f"{config} is a run of a kind that has no {', '.join(sorted(foreign))}")
    if kind is PaperConfig:
        paper_training.train(config, changes)
    elif kind is LandmarkConfig:
        landmarks = replace(read_settings(LandmarkConfig, config), **changes)
        print(json.dumps(train(LandmarkStage(landmarks), landmarks)))
    else:
        settings = replace(TrainConfig.load(config), **changes)
        print(json.dumps(train(stage_of(settings, TrainingClips.load(settings)), settings)))
