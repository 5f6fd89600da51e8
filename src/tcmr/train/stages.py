"""The stages of the open weights: the static network per frame, the temporal model on its frozen features.

The original's recipe: SPIN first, then TCMR on SPIN's features with SPIN's regressor to start from.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tcmr.data.crops import crop_clips
from tcmr.model.weights import FrameModel, OpenModel, load_frame_model, save_open_model
from tcmr.train.clips import TrainingClips
from tcmr.train.config import TrainConfig
from tcmr.train.loop import join
from tcmr.train.losses import OpenLoss, rounded
from tcmr.train.temporal_stage import TemporalStage


class StaticStage:
    """The static network with a regressor on top, frame by frame."""

    def __init__(self, config: TrainConfig, clips: TrainingClips):
        self.config, self.clips = config, clips
        self.network = (
            load_frame_model(config.begin_with) if config.begin_with else FrameModel.build(config.network)
        )
        self.criterion = OpenLoss(clips.body, clips.points, config.loss)

    def loss(self, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Compare single frames, simulated and rendered."""
        parts = self.clips.draw(self.config, 1, generator)
        terms = [self.criterion.terms(self.network(inputs), truth) for inputs, truth in parts]
        shares = [len(truth.betas) / self.config.batch for _, truth in parts]
        mean = join(terms, shares)
        return self.criterion.total(mean), mean

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Return the terms on rendered clips of held-out subjects."""
        inputs, truth = crop_clips(self.clips.validation, self.clips.body, self.clips.points)
        return rounded(self.criterion.terms(self.network(inputs), truth))

    def save(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the frame model."""
        save_open_model(path, OpenModel(self.network), provenance)


def stage_of(config: TrainConfig, clips: TrainingClips) -> StaticStage | TemporalStage:
    """Return the stage that a configuration names; its initial weights depend on the run's seed."""
    torch.manual_seed(config.seed)
    return (StaticStage if config.stage == "static" else TemporalStage)(config, clips)
