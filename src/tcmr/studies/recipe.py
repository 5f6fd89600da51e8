"""What a study trains, and the training itself: a small TCMR on static features that were computed once."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock
from torch import Tensor

from tcmr.model.ablation import Ablation, tcmr_with
from tcmr.model.regressor import Regressor
from tcmr.model.tcmr import TCMR, WHOLE_CLIP, TCMRConfig
from tcmr.studies.feature_clips import FeatureClips
from tcmr.studies.sources import ClipSource, Material, Rendered
from tcmr.studies.start import start_from_present
from tcmr.tensors import fill_strictly, read_safetensors, save_safetensors
from tcmr.train.config import TrainConfig
from tcmr.train.loop import Stage, train
from tcmr.train.losses import LossWeights, OpenLoss
from tcmr.train.temporal_stage import temporal_terms

VELOCITY_WEIGHT = 20.0  # as for the shipped weights
START_CLIPS = 60
CHECKPOINT_EVERY = 60


@dataclass(frozen=True)
class Scale:
    """How large the networks of a study are and how long they learn; one for all, so that rows can be compared.

    `components` is the size of the static feature, `batch` a step's clips, `targets` the frames compared of each.
    """

    components: int = 96
    hidden_size: int = 96
    steps: int = 240
    batch: int = 16
    targets: int = 4
    learning_rate: float = 2e-3
    warmup_steps: int = 30


QUICK = Scale(components=8, hidden_size=6, steps=2, batch=4, targets=2, warmup_steps=1)


@dataclass(frozen=True)
class Recipe:
    """One way to train the temporal model; by default the paper's TCMR on rendered clips.

    `steps` is a factor on the scale's. Without windows (`window` = 0), `frames` of each clip are seen, and
    `targets` of them compared with the truth.
    """

    ablation: Ablation = field(default_factory=Ablation)
    window: int = 16
    source: ClipSource = field(default_factory=Rendered)
    steps: float = 1.0
    frames: int | None = None
    targets: int | None = None

    def digest(self, scale: Scale, seed: int, shipped: tuple[str, str]) -> str:
        """Name one training after everything that it depends on but the clips; `shipped` is the material's."""
        return hashlib.sha256(repr((self, scale, seed, shipped)).encode()).hexdigest()[:16]

    def steps_of(self, scale: Scale) -> int:
        """Return how many steps are made at a scale."""
        return round(self.steps * scale.steps)

    def build(self, scale: Scale, regressor: Regressor) -> TCMR:
        """Build the untrained network; its regressor starts as the static stage's."""
        feature_size = regressor.fc1.in_features - sum(
            start.shape[1] for start in (regressor.init_pose, regressor.init_shape, regressor.init_cam)
        )
        config = TCMRConfig(
            feature_size,
            scale.hidden_size,
            window=self.window,
            regressor_size=regressor.fc2.in_features,
            dropout=0.0,
        )
        tcmr = tcmr_with(config, self.ablation)
        tcmr.regressor.load_state_dict(regressor.state_dict())
        return tcmr


class StudyStage:
    """The temporal stage on static features that are there already."""

    def __init__(self, network: TCMR, clips: FeatureClips, criterion: OpenLoss, recipe: Recipe, scale: Scale):
        self.network, self.clips, self.criterion, self.batch = network, clips, criterion, scale.batch
        self.targets = recipe.targets or scale.targets
        context = 0 if recipe.window == WHOLE_CLIP else recipe.window - 1
        self.frames = recipe.frames or self.targets + context
        self.latest = self.frames - context - self.targets

    def loss(self, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Compare all supervised branches, and how the result moves, at successive targets of some clips."""
        drawn = self.clips.draw(self.batch, self.frames, generator)
        first = int(torch.randint(self.latest + 1, (), generator=generator))
        targets = range(first, first + self.targets)
        terms = temporal_terms(self.network, self.criterion, drawn.static, drawn.truth, targets)
        velocity = terms.pop("velocity")
        total = self.criterion.total(terms) + VELOCITY_WEIGHT * velocity
        return total, terms | {"velocity": velocity}

    def validate(self) -> dict[str, float]:
        """Return nothing: a study's rows are scored once they are trained."""
        return {}

    def save(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the network's tensors; the recipe tells what they are of."""
        save_safetensors(path, self.network.state_dict(), {"revision": str(provenance["revision"])})


def trained(
    recipe: Recipe,
    scale: Scale,
    seed: int,
    clips: FeatureClips,
    regressor: Regressor,
    material: Material,
    folder: Path,
) -> TCMR:
    """Return a recipe's network, trained in a folder, or gone on with there, or read from it if it is finished."""
    torch.manual_seed(seed)
    network = recipe.build(scale, regressor)
    start_from_present(network, clips.static[:: max(1, len(clips.static) // START_CLIPS)])
    stage = StudyStage(network, clips, OpenLoss(material.body, material.points, LossWeights()), recipe, scale)
    config = TrainConfig(
        stage="temporal",
        run=folder,
        motion=Path(),
        rendered=Path(),
        steps=recipe.steps_of(scale),
        batch=scale.batch,
        learning_rate=scale.learning_rate,
        rendered_share=1.0,
        warmup_steps=scale.warmup_steps,
        checkpoint_every=CHECKPOINT_EVERY,
        seed=seed,
        threads=1,
        network={"recipe": repr(recipe), "scale": repr(scale)},
    )
    finish(stage, config)
    return network.eval()


def finish(stage: Stage, config: TrainConfig) -> None:
    """Train a stage to its end, or go on with it, or read what it became; other processes wait meanwhile."""
    config.run.mkdir(parents=True, exist_ok=True)
    weights = config.run / "weights.safetensors"
    with FileLock(config.run / "lock"):
        if not weights.exists():
            train(stage, config)
            (config.run / "checkpoint.pt").unlink()
    fill_strictly(stage.network, read_safetensors(weights), weights)
