"""The one interface of all backbones: what is seen of each person, frame by frame -> static features.

The open track's backbone reads the landmarks that tracking left; one that looks at pictures (SPIN's ResNet-50)
goes through the clip again, once for everybody.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.camera import CropCameras
from tcmr.features.boxes import BOX_SCALE
from tcmr.features.static import StaticInputs, StaticNetwork
from tcmr.stretches import gathered, stretches
from tcmr.types import Frame, Track

Pictures = Callable[[], Iterable[Frame]]

STRETCH = 1024  # frames that are described at a time: bounds memory


@dataclass(frozen=True)
class Crops:
    """One person's crops, a square box for each frame of the track, and their cameras."""

    track: Track
    boxes_xyxy_px: Float[Tensor, "frames 4"]
    cameras: CropCameras


@runtime_checkable
class Backbone(Protocol):
    """Anything that gives each frame of a person a static feature, knowing nothing of other frames.

    `box_scale` is how much larger than the landmarks' extent its crops are; `straight_crops` tells that it
    looks at plain squares of the frame (see `StraightCropCameras`), `needs_pictures` that landmarks are not
    enough.
    """

    box_scale: float
    straight_crops: bool
    needs_pictures: bool

    def __call__(self, crops: Sequence[Crops], pictures: Pictures) -> list[Float[Tensor, "frames size"]]:
        """Return the static features of each person's crops."""
        ...


class LandmarkBackbone:
    """The open track's backbone: landmarks -> static feature, by our per-frame network."""

    box_scale = BOX_SCALE
    straight_crops = False
    needs_pictures = False

    def __init__(self, network: StaticNetwork):
        self.network = network

    @torch.no_grad()
    def __call__(self, crops: Sequence[Crops], pictures: Pictures) -> list[Float[Tensor, "frames size"]]:
        """Return the static features; the pictures are not needed."""
        device = next(self.network.parameters()).device
        return [
            whole
            for each in crops
            for whole in gathered(len(each.track.frames), self._described(each, device))
        ]

    def _described(self, crops: Crops, device: torch.device) -> Iterator[tuple[Float[Tensor, "frames size"]]]:
        """Yield the features stretch by stretch."""
        for rows in stretches(len(crops.track.frames), STRETCH):
            yield (self.network(static_inputs(crops.track.part(rows), crops.cameras.rows(rows).to(device))),)


def static_inputs(track: Track, cameras: CropCameras) -> StaticInputs:
    """Bring a track's landmarks into its crops."""

    def tensor(array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(cameras.focal_crop)

    return StaticInputs.of(cameras, tensor(track.xy_px), tensor(track.visibility), tensor(track.world_m))
