"""The open track's static feature: one frame's landmarks -> a vector, by a small network of ours.

It has the role that SPIN's ResNet-50 has in the paper: what is seen in one frame, without time. Trained per
frame with a regressor on top, then frozen.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tcmr.camera import CropCameras
from tcmr.joints import BLAZEPOSE_33

POINTS = len(BLAZEPOSE_33)
# 2D, visibility and world position of each landmark; the ray to the crop and its focal length.
INPUT_SIZE = POINTS * (2 + 1 + 3) + 3
# Brings the inputs to about unit spread.
POINT_GAIN, WORLD_GAIN, RAY_GAIN, FOCAL_MEAN = 2.5, 3.0, 4.0, 1.5


@dataclass(frozen=True)
class StaticInputs:
    """What the static network sees of one person in one frame.

    `points` are landmarks in the crop (box: -1 to 1), `world_m` relative to the hips; `ray_xy` is the direction
    to the crop and `focal_crop` its focal length in half crops: how wide the lens and how near the person.
    """

    points: Float[Tensor, "*batch 33 2"]
    visibility: Float[Tensor, "*batch 33"]
    world_m: Float[Tensor, "*batch 33 3"]
    ray_xy: Float[Tensor, "*batch 2"]
    focal_crop: Float[Tensor, "*batch"]

    @staticmethod
    def of(
        cameras: CropCameras,
        xy_px: Float[Tensor, "*batch 33 2"],
        visibility: Float[Tensor, "*batch 33"],
        world_m: Float[Tensor, "*batch 33 3"],
    ) -> "StaticInputs":
        """Bring landmarks in pixels of the frame into their crops."""
        return StaticInputs(cameras.normalise(xy_px), visibility, world_m, cameras.ray_xy, cameras.focal_crop)

    def vector(self) -> Float[Tensor, "*batch inputs"]:
        """Return all inputs as one vector of about unit spread."""
        return torch.cat(
            [
                (self.points * POINT_GAIN).flatten(-2),
                self.visibility * 2 - 1,
                (self.world_m * WORLD_GAIN).flatten(-2),
                self.ray_xy * RAY_GAIN,
                self.focal_crop.log()[..., None] - FOCAL_MEAN,
            ],
            -1,
        )


class ResidualLayer(nn.Module):
    """x + linear(relu(linear(norm(x))))."""

    def __init__(self, size: int):
        super().__init__()
        self.norm = nn.LayerNorm(size)
        self.expand = nn.Linear(size, size)
        self.contract = nn.Linear(size, size)

    def forward(self, x: Float[Tensor, "*batch size"]) -> Float[Tensor, "*batch size"]:
        """Apply the layer."""
        return x + self.contract(torch.relu(self.expand(self.norm(x))))


class StaticNetwork(nn.Module):
    """One frame's inputs -> its static feature, none of it below zero (as pooled image features are)."""

    def __init__(self, feature_size: int = 512, hidden_size: int = 768, layers: int = 2):
        super().__init__()
        self.config = {"feature_size": feature_size, "hidden_size": hidden_size, "layers": layers}
        self.enter = nn.Linear(INPUT_SIZE, hidden_size)
        self.layers = nn.Sequential(*(ResidualLayer(hidden_size) for _ in range(layers)))
        self.leave = nn.Sequential(nn.LayerNorm(hidden_size), nn.Linear(hidden_size, feature_size), nn.ReLU())

    def forward(self, inputs: StaticInputs) -> Float[Tensor, "*batch size"]:
        """Return the static feature."""
        return self.leave(self.layers(self.enter(inputs.vector())))
