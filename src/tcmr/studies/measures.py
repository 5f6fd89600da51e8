"""What the rows of studies measure."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor

from tcmr.errors import TcmrError
from tcmr.evaluate import metrics
from tcmr.evaluate.four_cameras import BEAM, evaluate_four_cameras
from tcmr.evaluate.prediction import Method, Observation, body_predictor
from tcmr.evaluate.score import Scores
from tcmr.features.backbone import LandmarkBackbone
from tcmr.features.extract import extract
from tcmr.joints import LIMBS_IN_BLAZEPOSE
from tcmr.model.predictor import Predictor
from tcmr.model.tcmr import TCMR
from tcmr.model.weights import load_open_model
from tcmr.studies.feature_clips import FeatureClips
from tcmr.studies.held_out import HeldOut
from tcmr.studies.influence import influence
from tcmr.studies.recipe import Recipe, StudyStage
from tcmr.studies.sources import Material, RenderedAtRate
from tcmr.studies.study import Figures
from tcmr.studies.workshop import Workshop, loaded
from tcmr.train.losses import LossWeights, OpenLoss
from tcmr.types import Motion

BRANCHES = ("past", "present", "future")
INFLUENCE_WINDOWS = 96
Part = Literal["all", "slow", "medium", "fast", "sure landmarks", "unsure landmarks"]


@dataclass(frozen=True)
class Trained:
    """A recipe's accuracy on the test clips; with `influence`, what share past, present and future have in it."""

    recipe: Recipe
    influence: bool = False

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Train and score."""
        tcmr = workshop.train(self.recipe, seed)
        figures = figures_of(workshop.test.score(tcmr))
        return figures | influence_figures(tcmr, workshop.test) if self.influence else figures


@dataclass(frozen=True)
class PerFrame:
    """Each frame by itself, from the same static features."""

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Score the static stage."""
        return figures_of(workshop.test.score_per_frame(workshop.material.compact.regressor))


@dataclass(frozen=True)
class AttentionWhere:
    """The mean attention to each branch in some of the test clips' frames."""

    recipe: Recipe
    part: Part

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Train and look where the attention goes."""
        tcmr = workshop.train(self.recipe, seed)
        return attention_figures(tcmr, workshop.test, self.part)


@dataclass(frozen=True)
class ShippedAttention:
    """The same of the weights that are shipped, which learned twenty times as long."""

    part: Part

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Look where the attention goes; nothing is trained."""
        shipped, test = load_open_model(), workshop.test
        if shipped.tcmr is None:
            raise TcmrError("the open weights hold no temporal model")
        static = shipped.frame_model.requires_grad_(False).static
        features = FeatureClips.of(test.clips, static, test.body, test.points)
        return attention_figures(shipped.tcmr, replace(test, features=features), self.part)


@dataclass(frozen=True)
class AtRate:
    """Trained at one frame rate and tested at another, on the same motions."""

    trained_fps: int
    tested_fps: int

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Train and score."""
        tcmr = workshop.train(Recipe(source=RenderedAtRate(self.trained_fps)), seed)
        return figures_of(workshop.test_at(self.tested_fps).score(tcmr))


@dataclass(frozen=True)
class Recurrence:
    """A recipe's accuracy, and the processor time of a training step and of a frame."""

    recipe: Recipe

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Train, score and time."""
        tcmr = workshop.train(self.recipe, seed)
        clips = loaded(self.recipe.source, workshop.material)
        criterion = OpenLoss(workshop.material.body, workshop.material.points, LossWeights())
        stage = StudyStage(tcmr, clips, criterion, self.recipe, workshop.scale)
        generator = torch.Generator().manual_seed(seed)
        step_s = fastest(lambda: stage.loss(generator)[0].backward())
        static = workshop.test.features.static
        with torch.no_grad():
            all_frames_s = fastest(lambda: tcmr.forward_clips(static))
        return figures_of(workshop.test.score(tcmr)) | {
            "training_s": step_s * self.recipe.steps_of(workshop.scale),
            "frames_per_s": static.shape[0] * static.shape[1] / all_frames_s,
        }


@dataclass(frozen=True)
class Transfer:
    """A recipe's accuracy on the rendered test clips and, as a report only, on the real four-camera clip."""

    recipe: Recipe

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Train and score on both."""
        tcmr = workshop.train(self.recipe, seed)
        real = figures_of(on_four_cameras(tcmr, workshop))
        return figures_of(workshop.test.score(tcmr)) | {f"real_{name}": value for name, value in real.items()}


@dataclass(frozen=True)
class Filtered:
    """A method of `tcmr evaluate --post-filters`, with the weights that are shipped."""

    data: Literal["rendered", "beam"]
    method: str

    def __call__(self, workshop: Workshop, seed: int) -> Figures:
        """Look up the method's scores; nothing is trained."""
        return figures_of(workshop.evaluate(self.data).rows[self.method])


def figures_of(scores: Scores) -> Figures:
    """Return the scores that are there."""
    return {name: float(value) for name, value in asdict(scores).items() if value is not None}


def attention_figures(tcmr: TCMR, held_out: HeldOut, part: Part) -> Figures:
    """Return the mean attention to each branch in some frames, and how much it differs among them."""
    chosen = held_out.attention(tcmr)[frames_of(part, held_out)]
    figures = {f"attention_{name}": float(chosen[:, column].mean()) for column, name in enumerate(BRANCHES)}
    return figures | {"attention_spread": float(chosen.std(0).mean())}


def influence_figures(tcmr: TCMR, held_out: HeldOut) -> Figures:
    """Return the shares of past, present and future in what a windowed network says."""
    static, window = held_out.features.static, tcmr.config.window
    clips = torch.arange(INFLUENCE_WINDOWS) % len(static)
    first = torch.linspace(0, static.shape[1] - window, INFLUENCE_WINDOWS).long()
    windows = static[clips[:, None], first[:, None] + torch.arange(window)]
    shares = influence(tcmr, windows, torch.Generator().manual_seed(0))
    target = window // 2
    parts = (shares[:target], shares[target : target + 1], shares[target + 1 :])
    return {f"influence_{name}": 100 * float(part.sum()) for name, part in zip(BRANCHES, parts, strict=True)}


def frames_of(part: Part, held_out: HeldOut) -> Bool[Tensor, "clips frames"]:
    """Tell which frames belong to a part: thirds by the joints' true speed, or by the landmarks' error."""
    true = metrics.root_relative(held_out.true_m)
    if part == "all":
        return torch.ones(true.shape[:2], dtype=torch.bool)
    if part in ("slow", "medium", "fast"):
        measured = np.pad(metrics.speed(true), ((0, 0), (1, 0)), mode="edge")
    else:
        seen = held_out.clips.world_m[:, :, LIMBS_IN_BLAZEPOSE].double().numpy()
        measured = metrics.pa_mpjpe(seen, true)
    low, high = np.quantile(measured, [1 / 3, 2 / 3])
    if part in ("slow", "sure landmarks"):
        return torch.from_numpy(measured <= low)
    if part == "medium":
        return torch.from_numpy((measured > low) & (measured <= high))
    return torch.from_numpy(measured > high)


def network_alone(tcmr: TCMR, material: Material) -> Method:
    """Return the method that estimates from compact features, without settling or fitting."""
    predictor = Predictor(tcmr, material.body, "study")
    backbone = LandmarkBackbone(material.compact.frame_model.static)

    def predict(seen: Observation) -> Motion:
        ((features, crops),) = extract([seen.track], backbone, seen.camera, seen.fps, list)
        static = material.compact.reduce(torch.from_numpy(features.static)).numpy()
        return predictor.predict(replace(features, static=static), seen.fps, cameras=crops)

    return body_predictor(predict, material.body)


def on_four_cameras(tcmr: TCMR, workshop: Workshop) -> Scores:
    """Score a network alone, without settling or fitting, on the real clip."""
    views, tracks = workshop.tracks
    methods = {"study": network_alone(tcmr, workshop.material)}
    report = evaluate_four_cameras(BEAM, views, tracks, methods, weights="study", command="tcmr study scenes")
    return report.rows["study"]


def fastest(work: Callable[[], object], repeats: int = 5) -> float:
    """Return the least processor time that some work took, seconds."""
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)
