"""The one interface of all backbones: what is seen of one person, frame by frame -> static features.

The open track's backbone reads the landmarks that tracking left; one that looks at pictures (SPIN's ResNet-50)
opens the clip again through `pictures`.
"""

from collections.abc import Callable, Iterable
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.camera import CropCameras
from tcmr.features.static import StaticInputs, StaticNetwork
from tcmr.types import Frame, Track

Pictures = Callable[[], Iterable[Frame]]


@runtime_checkable
class Backbone(Protocol):
    """Anything that gives each frame of a person a static feature, knowing nothing of other frames."""

    def __call__(
        self,
        track: Track,
        boxes_xyxy_px: Float[Tensor, "frames 4"],
        cameras: CropCameras,
        pictures: Pictures,
    ) -> Float[Tensor, "frames size"]:
        """Return the static features of a track's crops."""
        ...


class LandmarkBackbone:
    """The open track's backbone: landmarks -> static feature, by our per-frame network."""

    def __init__(self, network: StaticNetwork):
        self.network = network

    @torch.no_grad()
    def __call__(
        self,
        track: Track,
        boxes_xyxy_px: Float[Tensor, "frames 4"],
        cameras: CropCameras,
        pictures: Pictures,
    ) -> Float[Tensor, "frames size"]:
        """Return the static features; the pictures are not needed."""
        device = next(self.network.parameters()).device
        return self.network(static_inputs(track, cameras.to(device)))


def static_inputs(track: Track, cameras: CropCameras) -> StaticInputs:
    """Bring a track's landmarks into its crops."""

    def tensor(array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(cameras.focal_crop)

    return StaticInputs.of(cameras, tensor(track.xy_px), tensor(track.visibility), tensor(track.world_m))
