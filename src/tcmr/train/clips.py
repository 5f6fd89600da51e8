"""Where training windows come from: simulated and rendered clips, mixed."""

from dataclasses import dataclass
from pathlib import Path

import torch

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.load import load_body
from tcmr.body.model import BodyModel
from tcmr.data.crops import CropTruth, crop_clips
from tcmr.data.landmark_clips import LandmarkClips, draw_windows
from tcmr.errors import TcmrError
from tcmr.features.static import StaticInputs
from tcmr.synth.motion import FPS
from tcmr.synth.noise import MIN_SCORE, LandmarkNoise
from tcmr.synth.poses import PoseLibrary
from tcmr.synth.simulate import Simulator
from tcmr.train.config import TrainConfig

Windows = list[tuple[StaticInputs, CropTruth]]


@dataclass(frozen=True)
class TrainingClips:
    """Both sources, and the body that they show."""

    body: BodyModel
    points: LandmarkPoints
    simulator: Simulator
    rendered: LandmarkClips
    validation: LandmarkClips

    @staticmethod
    def load(config: TrainConfig) -> "TrainingClips":
        """Open the motion file and the rendered shards, and measure BlazePose's errors on the latter.

        Raises:
            TcmrError: one of them cannot be used, or the rendered clips have another rate than simulated ones.
        """
        body, points = load_body("open"), LandmarkPoints.load()
        rendered = _rendered(config.rendered / "train", body)
        noise = LandmarkNoise.measure(rendered, body, points)
        library = PoseLibrary.load(config.motion, "train")
        validation = _rendered(config.rendered / "val", body)
        simulator = Simulator(library, body, points, noise, config.flip_chance, config.close_up_chance)
        return TrainingClips(body, points, simulator, rendered, validation)

    def draw(self, config: TrainConfig, frames: int, generator: torch.Generator) -> Windows:
        """Draw one batch, as crops: a simulated part and a rendered part."""
        rendered_count = round(config.batch * config.rendered_share)
        parts = []
        if rendered_count:
            parts.append(self._draw_rendered(rendered_count, frames, generator))
        if rendered_count < config.batch:
            parts.append(self.simulator.draw(config.batch - rendered_count, frames, generator))
        return [crop_clips(part, self.body, self.points, augment=generator) for part in parts]

    def _draw_rendered(self, count: int, frames: int, generator: torch.Generator) -> LandmarkClips:
        sure = self.rendered.score > MIN_SCORE
        return self.rendered.windows(*draw_windows(sure, count, frames, generator), frames)


def _rendered(folder: Path, body: BodyModel) -> LandmarkClips:
    clips = LandmarkClips.load(shards(folder), body)
    if clips.fps != FPS:
        raise TcmrError(
            f"{folder} has clips of {clips.fps:g} frames a second, simulated ones have {FPS}: "
            f"render them anew with `tcmr synth --fps {FPS}`"
        )
    return clips


def shards(folder: Path) -> list[Path]:
    """Return a folder's shards in order."""
    return sorted(folder.glob("*.npz"))
