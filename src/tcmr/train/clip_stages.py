"""The stages that are trained on clips: the temporal model on static features, refinement on its estimates."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tcmr.data.crops import CropTruth, crop_clips
from tcmr.errors import TcmrError
from tcmr.features.static import StaticInputs
from tcmr.model.refiner import Refiner, RefinerConfig
from tcmr.model.regressor import Estimate
from tcmr.model.tcmr import TCMR, WHOLE_CLIP
from tcmr.model.weights import OpenModel, build_open_model, load_open_model, save_open_model
from tcmr.tensors import fill_strictly
from tcmr.train.clips import TrainingClips
from tcmr.train.config import TrainConfig
from tcmr.train.loop import join
from tcmr.train.losses import OpenLoss, rounded


class ClipStage(ABC):
    """What both have in common: all supervised branches are compared at successive targets of each clip.

    `context` is how many frames of a clip are never a target, `lead` how many of those come before the first.
    """

    context, lead = 0, 0

    def __init__(self, config: TrainConfig, clips: TrainingClips):
        self.config, self.clips = config, clips
        self.criterion = OpenLoss(clips.body, clips.points, config.loss)
        self.velocity_weight = config.network.get("velocity_weight", 0.0)
        self.targets = config.network["targets"]

    @abstractmethod
    def branches(self, inputs: StaticInputs, targets: slice) -> list[Estimate]:
        """Return the supervised estimates of some targets; the last is the result."""

    @abstractmethod
    def estimate(self, inputs: StaticInputs) -> Estimate:
        """Return the result for every frame of clips."""

    def loss(self, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Compare the branches, and how the result moves, somewhere in each clip."""
        frames = self.config.network.get("frames", self.targets + self.context)
        parts = self.clips.draw(self.config, frames, generator)
        latest = frames - self.context - self.targets
        first = int(torch.randint(latest + 1, (), generator=generator))
        terms = [self._terms(inputs, truth, first) for inputs, truth in parts]
        mean = join(terms, [len(truth.betas) / self.config.batch for _, truth in parts])
        velocity = mean.pop("velocity")
        total = self.criterion.total(mean) + self.velocity_weight * velocity
        return total, mean | {"velocity": velocity}

    def _terms(self, inputs: StaticInputs, truth: CropTruth, first: int) -> dict[str, Tensor]:
        branches = self.branches(inputs, slice(first, first + self.targets))
        first += self.lead
        target = truth.frames(slice(first, first + self.targets))
        shares = [1 / len(branches)] * len(branches)
        terms = join([self.criterion.terms(branch, target) for branch in branches], shares)
        return terms | {"velocity": self.criterion.velocity(branches[-1], target)}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Return the terms of the result on rendered clips of held-out subjects, ends included."""
        inputs, truth = crop_clips(self.clips.validation, self.clips.body, self.clips.points)
        estimate = self.estimate(inputs)
        return rounded(self.criterion.terms(estimate, truth) | self.criterion.acceleration(estimate, truth))


class TemporalStage(ClipStage):
    """TCMR on the frozen static features, in windows or whole clips."""

    def __init__(self, config: TrainConfig, clips: TrainingClips):
        super().__init__(config, clips)
        self.frame_model = weights_before(config).frame_model.requires_grad_(False)
        self.network: TCMR = build_open_model(self.frame_model, config.network.get("tcmr", {}))
        if config.begin_with:
            begin_with(self.network, load_open_model(config.begin_with).tcmr, config.begin_with)
        window = self.network.config.window
        if window != WHOLE_CLIP:
            self.context, self.lead = window - 1, self.network.encoder.target

    def branches(self, inputs: StaticInputs, targets: slice) -> list[Estimate]:
        """Return what the past, the future and all frames together say of the targets."""
        out = self.network.forward_training_sequence(self.frame_model.static(inputs), targets)
        return [out.past, out.future, out.integrated]

    def estimate(self, inputs: StaticInputs) -> Estimate:
        """Return the integrated estimates."""
        return self.network.forward_clips(self.frame_model.static(inputs))[0]

    def save(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the frame model and TCMR together."""
        save_open_model(path, OpenModel(self.frame_model, self.network), provenance)


class RefinementStage(ClipStage):
    """The refiner on the frozen estimates of TCMR."""

    def __init__(self, config: TrainConfig, clips: TrainingClips):
        super().__init__(config, clips)
        before = weights_before(config)
        before.networks().requires_grad_(False)
        if before.tcmr is None:
            raise TcmrError(f"{before.path} holds no temporal model, whose estimates could be refined")
        self.frame_model, self.tcmr = before.frame_model, before.tcmr
        self.network: Refiner = Refiner(RefinerConfig(**config.network.get("refiner", {})))
        if config.begin_with:
            begin_with(self.network, load_open_model(config.begin_with).refiner, config.begin_with)

    def branches(self, inputs: StaticInputs, targets: slice) -> list[Estimate]:
        """Return the estimates of the targets after each round."""
        return [estimate.frames(targets) for estimate in self._rounds(inputs)]

    def estimate(self, inputs: StaticInputs) -> Estimate:
        """Return the estimates after the last round."""
        return self._rounds(inputs)[-1]

    def _rounds(self, inputs: StaticInputs) -> list[Estimate]:
        estimate, _ = self.tcmr.forward_clips(self.frame_model.static(inputs))
        return self.network(estimate, inputs, self.clips.body, self.clips.points)

    def save(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write all networks together: the open weights."""
        save_open_model(path, OpenModel(self.frame_model, self.tcmr, self.network), provenance)


def weights_before(config: TrainConfig) -> OpenModel:
    """Load the weights of the stage before.

    Raises:
        TcmrError: the configuration names none.
    """
    if config.start_from is None:
        raise TcmrError(f"the {config.stage} stage needs start_from: the weights of the stage before")
    return load_open_model(config.start_from)


def begin_with(network: nn.Module, earlier: nn.Module | None, path: Path) -> None:
    """Take over a network of earlier weights, of the same sizes (a window has none).

    Raises:
        TcmrError: there is none, or one of other sizes.
    """
    if earlier is None:
        raise TcmrError(f"{path} lacks the network of this stage, so it cannot begin with it")
    fill_strictly(network, earlier.state_dict(), path)
