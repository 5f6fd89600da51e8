"""Refinement: the landmarks that an estimate is measured by correct it once more, over time.

The regressor's rounds of correction (Paper: section 3.5, from HMR) never look at how well their result fits. These
do: each round projects the body, compares it with BlazePose's landmarks and moves pose, shape and camera. Which
landmarks to trust, and for how long, it has learned from errors that were measured. Not in the paper.
"""

from dataclasses import asdict, dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tcmr.body.landmarks import LandmarkPoints, hip_centred
from tcmr.body.model import BodyModel
from tcmr.features.static import INPUT_SIZE, POINTS, StaticInputs
from tcmr.model.regressor import CAMERA_SIZE, JOINTS, POSE_SIZE, SHAPE_SIZE, Estimate
from tcmr.rotations import rot6d_from_rotmat, rotmat_from_6d

ESTIMATE_SIZE = POSE_SIZE + SHAPE_SIZE + CAMERA_SIZE
MISFIT_SIZE = POINTS * (2 + 3)
# Brings misfits to about unit spread before large ones are compressed.
IMAGE_GAIN, WORLD_GAIN = 20.0, 10.0


@dataclass(frozen=True)
class RefinerConfig:
    """The sizes of a refiner; each layer looks twice as far in time as the one before."""

    hidden_size: int = 256
    layers: int = 3
    kernel: int = 5
    rounds: int = 2


class TemporalLayer(nn.Module):
    """x + linear(relu(convolution over time(norm(x))))."""

    def __init__(self, size: int, kernel: int, dilation: int):
        super().__init__()
        self.norm = nn.LayerNorm(size)
        self.convolution = nn.Conv1d(size, size, kernel, padding="same", dilation=dilation)
        self.leave = nn.Linear(size, size)

    def forward(self, x: Float[Tensor, "clips frames size"]) -> Float[Tensor, "clips frames size"]:
        """Apply the layer."""
        return x + self.leave(torch.relu(self.convolution(self.norm(x).mT).mT))


class Refiner(nn.Module):
    """Corrects the estimates of whole clips by their misfit to the landmarks."""

    def __init__(self, config: RefinerConfig = RefinerConfig()):
        super().__init__()
        self.config = config
        self.enter = nn.Linear(INPUT_SIZE + MISFIT_SIZE + ESTIMATE_SIZE, config.hidden_size)
        self.layers = nn.Sequential(
            *(TemporalLayer(config.hidden_size, config.kernel, 2**layer) for layer in range(config.layers))
        )
        self.norm = nn.LayerNorm(config.hidden_size)
        self.leave = nn.Linear(config.hidden_size, ESTIMATE_SIZE)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    @property
    def reach(self) -> int:
        """How many frames to each side have a say in a frame's correction."""
        return self.config.rounds * (self.config.kernel // 2) * (2**self.config.layers - 1)

    def forward(
        self, estimate: Estimate, seen: StaticInputs, body: BodyModel, points: LandmarkPoints
    ) -> list[Estimate]:
        """Return the estimates, [clips, frames], after each round; the last is the result."""
        pose = rot6d_from_rotmat(estimate.rotmat).flatten(-2)
        shape, camera = estimate.betas, estimate.camera
        inputs = seen.vector()
        rounds = []
        for _ in range(self.config.rounds):
            misfit = misfit_of(estimate, seen, body, points)
            state = self.enter(torch.cat([inputs, misfit, pose, shape, camera], -1))
            change = self.leave(self.norm(self.layers(state)))
            pose_change, shape_change, camera_change = change.split([POSE_SIZE, SHAPE_SIZE, CAMERA_SIZE], -1)
            pose, shape, camera = pose + pose_change, shape + shape_change, camera + camera_change
            estimate = Estimate(rotmat_from_6d(pose.unflatten(-1, (JOINTS, 6))), shape, camera)
            rounds.append(estimate)
        return rounds

    def describe(self) -> dict[str, int]:
        """Return the configuration as plain numbers, for a file's metadata."""
        return asdict(self.config)


def misfit_of(
    estimate: Estimate, seen: StaticInputs, body: BodyModel, points: LandmarkPoints
) -> Float[Tensor, "*batch misfit"]:
    """Return how far each landmark lies from where the estimated body has it, in the crop and about the hips.

    Small misfits count by their size, large ones by their logarithm.
    """
    on_body = points.on(body.with_shape(estimate.betas).with_pose(estimate.rotmat))
    image = torch.asinh(IMAGE_GAIN * (seen.points - estimate.project(on_body, seen.focal_crop)))
    world = torch.asinh(WORLD_GAIN * (seen.world_m - hip_centred(on_body)))
    return torch.cat([image.flatten(-2), world.flatten(-2)], -1)
