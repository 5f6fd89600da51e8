"""The two stages of the open weights: the static network per frame, then the temporal model on its frozen features.

The original's recipe: SPIN first, then TCMR on SPIN's features with SPIN's regressor to start from.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tcmr.data.crops import CropTruth, crop_clips
from tcmr.errors import TcmrError
from tcmr.features.static import StaticInputs
from tcmr.model.tcmr import WHOLE_CLIP
from tcmr.model.weights import FrameModel, OpenModel, build_open_model, load_frame_model, save_open_model
from tcmr.train.clips import TrainingClips
from tcmr.train.config import TrainConfig
from tcmr.train.loop import join
from tcmr.train.losses import OpenLoss


class StaticStage:
    """The static network with a regressor on top, frame by frame."""

    def __init__(self, config: TrainConfig, clips: TrainingClips):
        self.config, self.clips = config, clips
        self.network = (
            load_frame_model(config.start_from) if config.start_from else FrameModel.build(config.network)
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
        save_open_model(path, OpenModel(self.network, None), provenance)


class TemporalStage:
    """TCMR on the frozen static features of windows."""

    def __init__(self, config: TrainConfig, clips: TrainingClips):
        if config.start_from is None:
            raise TcmrError("the temporal stage needs start_from: the static stage's weights")
        self.config, self.clips = config, clips
        self.frame_model = load_frame_model(config.start_from).eval().requires_grad_(False)
        self.network = build_open_model(self.frame_model, config.network.get("tcmr", {}))
        self.criterion = OpenLoss(clips.body, clips.points, config.loss)
        self.velocity_weight = config.network.get("velocity_weight", 0.0)
        self.targets = config.network["targets"]
        self.frames = config.network.get("frames", self.targets + self._context())

    def _context(self) -> int:
        """Return how many frames of a clip are in windows but never the target of one."""
        window = self.network.config.window
        return 0 if window == WHOLE_CLIP else window - 1

    def loss(self, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Compare all supervised branches at successive targets, somewhere in each clip."""
        parts = self.clips.draw(self.config, self.frames, generator)
        latest = self.frames - self._context() - self.targets
        first = int(torch.randint(latest + 1, (), generator=generator))
        terms = [self._terms(inputs, truth, first) for inputs, truth in parts]
        shares = [len(truth.betas) / self.config.batch for _, truth in parts]
        mean = join(terms, shares)
        velocity = mean.pop("velocity")
        total = self.criterion.total(mean) + self.velocity_weight * velocity
        return total, mean | {"velocity": velocity}

    def _terms(self, inputs: StaticInputs, truth: CropTruth, first: int) -> dict[str, Tensor]:
        with torch.no_grad():
            static = self.frame_model.static(inputs)
        out = self.network.forward_training_sequence(static, slice(first, first + self.targets))
        first += self.network.encoder.target
        target = truth.frames(slice(first, first + self.targets))
        branches = (out.past, out.future, out.integrated)
        terms = join([self.criterion.terms(branch, target) for branch in branches], [1 / 3] * 3)
        return terms | {"velocity": self.criterion.velocity(out.integrated, target)}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Return the terms of the integrated branch on rendered clips of held-out subjects, ends included."""
        inputs, truth = crop_clips(self.clips.validation, self.clips.body, self.clips.points)
        estimate, _ = self.network.forward_clips(self.frame_model.static(inputs))
        terms = self.criterion.terms(estimate, truth)
        return rounded(terms | self.criterion.acceleration(estimate, truth))

    def save(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the frame model and TCMR together: the open weights."""
        save_open_model(path, OpenModel(self.frame_model, self.network), provenance)


def rounded(terms: dict[str, Tensor]) -> dict[str, float]:
    """Return terms as numbers fit for a log."""
    return {name: round(term.item(), 5) for name, term in terms.items()}


def stage_of(config: TrainConfig, clips: TrainingClips) -> StaticStage | TemporalStage:
    """Return the stage that a configuration names; its initial weights depend on the run's seed."""
    torch.manual_seed(config.seed)
    return (StaticStage if config.stage == "static" else TemporalStage)(config, clips)
