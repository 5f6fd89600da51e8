"""The second stage: the temporal model on the frozen static features of clips."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.data.crops import CropTruth, crop_clips
from tcmr.errors import TcmrError
from tcmr.features.static import StaticInputs
from tcmr.model.regressor import Estimate
from tcmr.model.tcmr import TCMR, WHOLE_CLIP
from tcmr.model.weights import OpenModel, build_open_model, load_open_model, save_open_model
from tcmr.tensors import fill_strictly
from tcmr.train.clips import TrainingClips
from tcmr.train.config import TrainConfig
from tcmr.train.loop import join
from tcmr.train.losses import OpenLoss, rounded

T = TypeVar("T", Estimate, CropTruth)


class TemporalStage:
    """TCMR on the frozen static features, in windows or over whole clips."""

    def __init__(self, config: TrainConfig, clips: TrainingClips):
        if config.start_from is None:
            raise TcmrError("the temporal stage needs start_from: the static stage's weights")
        self.config, self.clips = config, clips
        self.criterion = OpenLoss(clips.body, clips.points, config.loss)
        self.velocity_weight = config.network.get("velocity_weight", 0.0)
        self.targets = config.network["targets"]
        self.frame_model = load_open_model(config.start_from).frame_model.requires_grad_(False)
        self.network = build_open_model(self.frame_model, config.network.get("tcmr", {}))
        if config.begin_with:
            begin_with(self.network, config.begin_with)
        window = self.network.config.window
        self.context = 0 if window == WHOLE_CLIP else window - 1

    def loss(self, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Compare all supervised branches, and how the result moves, at successive targets of each clip.

        Where a clip has more targets, those compared are somewhere in it.
        """
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
        static = self.frame_model.static(inputs)
        return temporal_terms(self.network, self.criterion, static, truth, range(first, first + self.targets))

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Return the terms of the integrated branch on rendered clips of held-out subjects, ends included."""
        inputs, truth = crop_clips(self.clips.validation, self.clips.body, self.clips.points)
        estimate, _ = self.network.forward_clips(self.frame_model.static(inputs))
        return rounded(self.criterion.terms(estimate, truth) | self.criterion.acceleration(estimate, truth))

    def save(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the frame model and TCMR together: the open weights."""
        save_open_model(path, OpenModel(self.frame_model, self.network), provenance)


def temporal_terms(
    network: TCMR,
    criterion: OpenLoss,
    static: Float[Tensor, "clips frames size"],
    truth: CropTruth,
    targets: range,
) -> dict[str, Tensor]:
    """Return the terms of all supervised branches and of the movement, at some of the clips' targets.

    Target 0 is that of the first full window; without windows, it is the first frame.
    """
    out = network.forward_training_sequence(static, slice(targets.start, targets.stop))
    before = network.encoder.target
    target = truth.frames(slice(before + targets.start, before + targets.stop))
    branches = [out.past, out.future, out.integrated]
    terms = criterion.terms(_one_batch(Estimate, branches), _one_batch(CropTruth, [target] * len(branches)))
    return terms | {"velocity": criterion.velocity(out.integrated, target)}


def _one_batch(kind: type[T], parts: Sequence[T]) -> T:
    """Put the clips of several values into one: a mean over it is the mean of their means."""
    return kind(*(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(kind)))


def begin_with(network: TCMR, path: Path) -> None:
    """Take over the temporal model of earlier weights, of the same sizes (a window has none).

    Raises:
        TcmrError: there is none, or one of other sizes.
    """
    earlier = load_open_model(path).tcmr
    if earlier is None:
        raise TcmrError(f"{path} lacks a temporal model, so none can begin with it")
    fill_strictly(network, earlier.state_dict(), path)
