"""Where studies are made: clips, body and networks loaded once, and the folder that keeps what was trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import torch

from tcmr.data.landmark_clips import LandmarkClips
from tcmr.evaluate.four_cameras import View
from tcmr.evaluate.report import Report
from tcmr.model.regressor import Regressor
from tcmr.model.tcmr import TCMR
from tcmr.studies.feature_clips import FeatureClips
from tcmr.studies.held_out import HeldOut
from tcmr.studies.recipe import Recipe, Scale, trained
from tcmr.studies.sources import ClipSource, Material, at_rate
from tcmr.types import Track


@dataclass(frozen=True)
class Workshop:
    """What studies work with.

    `evaluate` scores the whole product, post-filters beside none, on "rendered" or "beam"; `four_cameras` finds
    the man of the real four-camera clip.
    """

    material: Material
    folder: Path
    scale: Scale
    evaluate: Callable[[str], Report]
    four_cameras: Callable[[], tuple[Sequence[View], Sequence[Track]]]

    def train(
        self, recipe: Recipe, seed: int, regressor: Regressor | None = None, clips: FeatureClips | None = None
    ) -> TCMR:
        """Train a recipe, or read what was trained before; other features come with their own regressor."""
        return trained(
            recipe,
            self.scale,
            seed,
            clips or loaded(recipe.source, self.material),
            regressor or self.material.compact.regressor,
            self.material,
            self.folder_of(recipe, seed),
        )

    def folder_of(self, recipe: Recipe, seed: int) -> Path:
        """Return where a recipe is trained."""
        return self.folder / "trained" / recipe.digest(self.scale, seed, self.material.shipped)

    @cached_property
    def test(self) -> HeldOut:
        """The rendered test clips."""
        return self._held_out(self.material.read(self.material.rendered / "test"))

    def test_at(self, fps: int) -> HeldOut:
        """The test clips that were rendered at 60 frames a second, thinned out to a lower rate."""
        return self._held_out(at_rate(self.material.read(self.material.rendered_60 / "test"), fps))

    def _held_out(self, clips: LandmarkClips) -> HeldOut:
        features = self.material.describe(clips)
        return HeldOut(clips, features, self.material.body, self.material.points)

    @cached_property
    def tracks(self) -> tuple[Sequence[View], Sequence[Track]]:
        """The real four-camera clip, and the man's track in each view."""
        return self.four_cameras()


@lru_cache(maxsize=1)
def loaded(source: ClipSource, material: Material) -> FeatureClips:
    """Load training clips; those asked for last are kept."""
    torch.set_num_threads(1)
    return source.load(material)
