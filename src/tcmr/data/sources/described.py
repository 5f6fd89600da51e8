"""Static features of labelled people: their squares through SPIN's ResNet-50."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from tcmr.data.sources.labelled import LabelledClip
from tcmr.errors import TcmrError
from tcmr.features.occlusion import Occlusion
from tcmr.features.spin_backbone import SpinBackbone, Squares
from tcmr.stages import Stages
from tcmr.types import Frame
from tcmr.video.read import open_clip


@dataclass(frozen=True)
class SpinDescriber:
    """Describes the people of a clip; with an occlusion, things are pasted over every crop first."""

    backbone: SpinBackbone
    stages: Stages
    occlusion: Occlusion | None = None

    def __call__(self, clip: LabelledClip) -> list[Float32[np.ndarray, "frames 2048"]]:
        """Return each person's static features.

        Raises:
            TcmrError: the pictures are not there, or are fewer than the labels.
        """
        people = [Squares(person.frames, person.squares_xyxy_px) for person in clip.people]
        backbone = self.backbone
        if self.occlusion is not None:
            backbone = backbone.occluded(self.occlusion.of_clip(clip.name))
        if not clip.pictures.exists():
            raise TcmrError(
                f"{clip.name} is labelled, but its pictures are not at {clip.pictures}; "
                "put them there, or do without features: --features none"
            )

        def pictures() -> Iterator[Frame]:
            last = max(int(person.frames[-1]) for person in clip.people)
            with open_clip(clip.pictures) as reader:
                yield from self.stages.progress(clip.name, reader, last + 1)

        return backbone.of_squares(people, pictures)
