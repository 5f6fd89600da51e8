"""Where a study's training clips come from. A source is a value: it names a run, and can be loaded again."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.load import load_body
from tcmr.body.model import BodyModel
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.errors import TcmrError
from tcmr.model.weights import load_open_model
from tcmr.studies.compact import CompactFeatures
from tcmr.studies.feature_clips import FeatureClips
from tcmr.synth.noise import LandmarkNoise
from tcmr.synth.poses import PoseLibrary
from tcmr.synth.simulate import Simulator
from tcmr.train.clips import shards

FRAMES = 48
SIMULATED_AT_ONCE = 100
SAMPLE_SHARDS = 10


@dataclass(frozen=True, eq=False)
class Material:
    """Where clips and motions are, and what describes them.

    `rendered` has the folders train and test at 30 frames a second, `rendered_60` the same at 60, with BlazePose's
    pooled feature. `weights_sha256` tells of which open weights the static network is.
    """

    rendered: Path
    rendered_60: Path
    motion: Path
    compact: CompactFeatures
    body: BodyModel
    points: LandmarkPoints
    weights_sha256: str

    @staticmethod
    def load(rendered: Path, rendered_60: Path, motion: Path, components: int) -> "Material":
        """Use the shipped static network, frozen, and the components of its features of the training clips."""
        shipped = load_open_model()
        frame_model = shipped.frame_model.requires_grad_(False).eval()
        body, points = load_body("open"), LandmarkPoints.load()
        sample = LandmarkClips.load(shards(rendered / "train")[:SAMPLE_SHARDS], body)
        features = FeatureClips.of(sample, frame_model.static, body, points)
        compact = CompactFeatures.of(frame_model, features.static.flatten(0, 1), components)
        return Material(rendered, rendered_60, motion, compact, body, points, shipped.sha256)

    @property
    def shipped(self) -> tuple[str, str]:
        """Return the sha256 of the open weights and of the body: with others, every result is another."""
        return self.weights_sha256, self.body.sha256

    def read(self, folder: Path) -> LandmarkClips:
        """Read a folder of rendered clips."""
        return LandmarkClips.load(shards(folder), self.body)

    def describe(self, clips: LandmarkClips, augment: torch.Generator | None = None) -> FeatureClips:
        """Describe clips frame by frame; with `augment`, each in a crop somewhat misplaced."""
        return FeatureClips.of(clips, self.compact, self.body, self.points, augment)


@runtime_checkable
class ClipSource(Protocol):
    """Anything that training clips can be had from; a frozen value, so that what was loaded is found again."""

    def __hash__(self) -> int:
        """Return the hash of its settings."""

    def load(self, material: Material) -> FeatureClips:
        """Return the clips."""


@dataclass(frozen=True)
class Rendered:
    """Rendered clips, each in two crops that are misplaced otherwise."""

    crops: int = 2

    def load(self, material: Material) -> FeatureClips:
        """Read and describe them."""
        clips = material.read(material.rendered / "train")
        generator = torch.Generator().manual_seed(0)
        return FeatureClips.joined([material.describe(clips, generator) for _ in range(self.crops)])


@dataclass(frozen=True)
class RenderedAtRate:
    """The clips rendered at 60 frames a second, thinned out to a lower rate."""

    fps: int
    crops: int = 2

    def load(self, material: Material) -> FeatureClips:
        """Read and describe them."""
        clips = at_rate(material.read(material.rendered_60 / "train"), self.fps)
        generator = torch.Generator().manual_seed(0)
        return FeatureClips.joined([material.describe(clips, generator) for _ in range(self.crops)])


@dataclass(frozen=True)
class Simulated:
    """Landmarks of posed bodies with BlazePose's errors as measured on the rendered training clips.

    Without `errors` the landmarks are true but for limbs that are hidden; in `flip_chance` of the clips back is
    now and then taken for front.
    """

    clips: int = 1800
    errors: bool = True
    flip_chance: float = 0.2

    def load(self, material: Material) -> FeatureClips:
        """Simulate them: the same again each time."""
        rendered = material.read(material.rendered / "train")
        noise = LandmarkNoise.measure(rendered, material.body, material.points)
        library = PoseLibrary.load(material.motion, "train")
        if not self.errors:
            noise = replace(
                noise,
                image_m=torch.zeros_like(noise.image_m),
                world_m=torch.zeros_like(noise.world_m),
            )
        simulator = Simulator(
            library, material.body, material.points, noise, self.flip_chance, close_up_chance=0.0
        )
        generator = torch.Generator().manual_seed(0)
        frames = min(FRAMES, rendered.score.shape[1])
        counts = [
            min(SIMULATED_AT_ONCE, self.clips - done) for done in range(0, self.clips, SIMULATED_AT_ONCE)
        ]
        return FeatureClips.joined(
            [material.describe(simulator.draw(count, frames, generator), generator) for count in counts]
        )


@dataclass(frozen=True)
class Mixed:
    """Rendered and simulated clips together."""

    simulated: Simulated = Simulated(clips=900)
    rendered: Rendered = Rendered(crops=1)

    def load(self, material: Material) -> FeatureClips:
        """Load both."""
        return FeatureClips.joined([self.simulated.load(material), self.rendered.load(material)])


def at_rate(clips: LandmarkClips, fps: int) -> LandmarkClips:
    """Thin out clips of a higher rate.

    Raises:
        TcmrError: see `thinning`.
    """
    return clips.part(frames=thinning(clips, fps))


def thinning(clips: LandmarkClips, fps: int) -> slice:
    """Return which frames of clips are those of a lower rate.

    Raises:
        TcmrError: the rate is no whole part of the clips' own.
    """
    if clips.fps % fps:
        raise TcmrError(
            f"clips of {clips.fps:g} frames a second cannot be thinned out to {fps}: "
            "render some of 60 with `tcmr synth --fps 60`"
        )
    return slice(None, None, round(clips.fps / fps))
