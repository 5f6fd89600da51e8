"""What a backbone may look at: BlazePose's landmarks, its pooled feature of 1152 numbers, or both."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tcmr.camera import CropCameras
from tcmr.data.crops import CropTruth, crop_cameras, in_crops
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.errors import TcmrError
from tcmr.features.static import ResidualLayer
from tcmr.model.regressor import Estimate, Regressor
from tcmr.studies.feature_clips import FeatureClips
from tcmr.studies.held_out import HeldOut
from tcmr.studies.measures import figures_of
from tcmr.studies.recipe import CHECKPOINT_EVERY, Recipe, finish
from tcmr.studies.sources import Material, thinning
from tcmr.studies.study import Figures
from tcmr.studies.workshop import Workshop
from tcmr.synth.noise import MIN_SCORE
from tcmr.tensors import save_safetensors
from tcmr.train.clips import shards
from tcmr.train.config import TrainConfig
from tcmr.train.losses import LossWeights, OpenLoss

Input = Literal["landmarks", "pooled feature", "both"]
FPS = 30
HIDDEN, LAYERS = 256, 2
FRAMES_A_STEP, STEPS_FACTOR = 128, 2


@dataclass(frozen=True)
class Seen:
    """Everything that BlazePose says of clips, as vectors, with the truth in the crops."""

    clips: LandmarkClips
    landmarks: Float[Tensor, "clips frames size"]
    pooled: Float[Tensor, "clips frames pooled"]
    truth: CropTruth

    @staticmethod
    def load(folder: Path, material: Material) -> "Seen":
        """Read clips rendered at 60 frames a second with `tcmr synth --pooled`, every second frame of them.

        Raises:
            TcmrError: there are none, or they were rendered without.
        """
        files = shards(folder)
        filmed = LandmarkClips.load(files, material.body)
        every = thinning(filmed, FPS)
        clips = filmed.part(frames=every)
        cameras = crop_cameras(clips)
        inputs, truth = in_crops(clips, cameras, material.body, material.points)
        pooled, region = (_column(files, name)[:, every] for name in ("pooled", "region"))
        whereabouts = torch.cat([region_in_crop(region, cameras), inputs.vector()[..., -3:]], -1)
        return Seen(clips, inputs.vector(), torch.cat([pooled, whereabouts], -1), truth)

    def vector(self, chosen: Input) -> Float[Tensor, "clips frames size"]:
        """Return what a backbone is given."""
        parts = {"landmarks": [self.landmarks], "pooled feature": [self.pooled]}
        return torch.cat(parts.get(chosen, [self.landmarks, self.pooled]), -1)


def _column(files: list[Path], name: str) -> Float[Tensor, "clips frames size"]:
    parts = []
    for file in files:
        with np.load(file) as arrays:
            if name not in arrays:
                raise TcmrError(f"{file} has no {name}: render its clips anew with `tcmr synth --pooled`")
            parts.append(torch.from_numpy(arrays[name]).float())
    return torch.cat(parts)


def region_in_crop(
    region: Float[Tensor, "clips frames 4"], cameras: CropCameras
) -> Float[Tensor, "clips frames 5"]:
    """Tell where in the crop the square is that BlazePose looked at: middle, size (log) and direction.

    Without it the pooled feature, which is of that square, cannot say which way is up.
    """
    size = region[..., 2].clamp(min=1.0) * cameras.focal_crop / cameras.focal_px
    angle = region[..., 3]
    middle = cameras.normalise(region[..., None, :2])[..., 0, :]
    return torch.cat([middle, torch.stack([size.log(), angle.sin(), angle.cos()], -1)], -1)


class FrameNetwork(nn.Module):
    """A vector -> a static feature -> parameters; the vector is brought to unit spread first."""

    mean: Tensor
    spread: Tensor

    def __init__(self, sample: Float[Tensor, "frames size"], regressor: Regressor, feature_size: int):
        super().__init__()
        self.register_buffer("mean", sample.mean(0))
        self.register_buffer("spread", sample.std(0).clamp(min=1e-3))
        self.enter = nn.Linear(sample.shape[1], HIDDEN)
        self.layers = nn.Sequential(*(ResidualLayer(HIDDEN) for _ in range(LAYERS)))
        self.leave = nn.Sequential(nn.LayerNorm(HIDDEN), nn.Linear(HIDDEN, feature_size))
        self.regressor = Regressor(feature_size, regressor.fc2.in_features, dropout=0.0)
        self.regressor.load_state_dict(regressor.state_dict())

    def static(self, vector: Float[Tensor, "*batch size"]) -> Float[Tensor, "*batch feature"]:
        """Return the static feature."""
        return self.leave(self.layers(self.enter((vector - self.mean) / self.spread)))

    def forward(self, vector: Float[Tensor, "*batch size"]) -> Estimate:
        """Estimate each frame by itself."""
        return self.regressor(self.static(vector))


class FrameStage:
    """The static stage on one kind of input."""

    def __init__(self, network: FrameNetwork, seen: Seen, chosen: Input, criterion: OpenLoss):
        self.network, self.criterion = network, criterion
        self.frames = FeatureClips(seen.vector(chosen), seen.truth, seen.clips.score > MIN_SCORE)

    def loss(self, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Compare single frames."""
        drawn = self.frames.draw(FRAMES_A_STEP, 1, generator)
        terms = self.criterion.terms(self.network(drawn.static), drawn.truth)
        return self.criterion.total(terms), terms

    def validate(self) -> dict[str, float]:
        """Return nothing: rows are scored once they are trained."""
        return {}

    def save(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the network's tensors."""
        save_safetensors(path, self.network.state_dict(), {"revision": str(provenance["revision"])})


@dataclass(frozen=True)
class Described:
    """The training clips at 30 frames a second, as a backbone of one kind of input describes them."""

    chosen: Input

    def load(self, material: Material) -> FeatureClips:
        """Refuse: these features are there only once the backbone is trained."""
        raise ValueError(f"features of {self.chosen} come with the backbone that makes them")


@dataclass(frozen=True)
class BackboneInput:
    """Accuracy frame by frame (`frame_...`) and of the temporal model, from one kind of input."""

    chosen: Input

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Train the static stage and the temporal model, and score both."""
        material = workshop.material
        seen = Seen.load(material.rendered_60 / "train", material)
        network = self._frame_network(workshop, seen, seed)
        clips = self._described(network, seen)
        recipe = Recipe(source=Described(self.chosen))
        tcmr = workshop.train(recipe, seed, network.regressor, clips)
        unseen = Seen.load(material.rendered_60 / "test", material)
        test = HeldOut(unseen.clips, self._described(network, unseen), material.body, material.points)
        by_frame = figures_of(test.score_per_frame(network.regressor))
        return figures_of(test.score(tcmr)) | {f"frame_{name}": value for name, value in by_frame.items()}

    @torch.no_grad()
    def _described(self, network: FrameNetwork, seen: Seen) -> FeatureClips:
        return FeatureClips(
            network.static(seen.vector(self.chosen)), seen.truth, seen.clips.score > MIN_SCORE
        )

    def _frame_network(self, workshop: Workshop, seen: Seen, seed: int) -> FrameNetwork:
        material, scale = workshop.material, workshop.scale
        torch.manual_seed(seed)
        sample = seen.vector(self.chosen).flatten(0, 1)
        network = FrameNetwork(sample, material.compact.regressor, len(material.compact.basis))
        config = TrainConfig(
            stage="static",
            run=workshop.folder_of(Recipe(source=Described(self.chosen), steps=0.0), seed),
            motion=Path(),
            rendered=Path(),
            steps=STEPS_FACTOR * scale.steps,
            batch=FRAMES_A_STEP,
            learning_rate=1e-3,
            rendered_share=1.0,
            warmup_steps=scale.warmup_steps,
            checkpoint_every=CHECKPOINT_EVERY,
            seed=seed,
            threads=1,
            network={"input": self.chosen},
        )
        criterion = OpenLoss(material.body, material.points, LossWeights())
        finish(FrameStage(network, seen, self.chosen, criterion), config)
        return network.eval().requires_grad_(False)
