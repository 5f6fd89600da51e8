"""Clips as the temporal model meets them: static features, computed once, with the truth in their crops."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.model import BodyModel
from tcmr.data.crops import CropTruth, crop_cameras, in_crops
from tcmr.data.landmark_clips import LandmarkClips, draw_windows
from tcmr.features.static import StaticInputs
from tcmr.synth.noise import MIN_SCORE

Describe = Callable[[StaticInputs], Float[Tensor, "clips frames size"]]


@dataclass(frozen=True)
class FeatureClips:
    """Clips of equal length. `sure` tells in which frames BlazePose believed in a person."""

    static: Float[Tensor, "clips frames size"]
    truth: CropTruth
    sure: Bool[Tensor, "clips frames"]

    @staticmethod
    @torch.no_grad()
    def of(
        clips: LandmarkClips,
        describe: Describe,
        body: BodyModel,
        points: LandmarkPoints,
        augment: torch.Generator | None = None,
    ) -> "FeatureClips":
        """Describe clips frame by frame; with `augment`, each in a crop somewhat misplaced."""
        inputs, truth = in_crops(clips, crop_cameras(clips, augment), body, points)
        return FeatureClips(describe(inputs), truth, clips.score > MIN_SCORE)

    @staticmethod
    def joined(parts: Sequence["FeatureClips"]) -> "FeatureClips":
        """Join clips of one length."""
        return FeatureClips(
            torch.cat([part.static for part in parts]),
            CropTruth(
                *(
                    torch.cat([getattr(part.truth, field.name) for part in parts])
                    for field in fields(CropTruth)
                )
            ),
            torch.cat([part.sure for part in parts]),
        )

    def draw(self, count: int, frames: int, generator: torch.Generator) -> "FeatureClips":
        """Draw windows of frames in which the person is surely seen."""
        return self.windows(*draw_windows(self.sure, count, frames, generator), frames)

    def windows(
        self, clips: Int64[Tensor, " count"], first_frames: Int64[Tensor, " count"], length: int
    ) -> "FeatureClips":
        """Cut one window out of each of some clips."""
        rows, frames = clips[:, None], first_frames[:, None] + torch.arange(length)
        truth = CropTruth(*(getattr(self.truth, field.name)[rows, frames] for field in fields(CropTruth)))
        return FeatureClips(self.static[rows, frames], truth, self.sure[rows, frames])
