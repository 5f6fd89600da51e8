"""The iterative regressor: a feature -> pose, shape and camera of one frame. Paper: section 3.5, from SPIN."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tcmr.camera import project_in_crop
from tcmr.joints import SMPL_24
from tcmr.rotations import rot6d_from_rotmat, rotmat_from_6d

JOINTS = len(SMPL_24)
POSE_SIZE, SHAPE_SIZE, CAMERA_SIZE = 6 * JOINTS, 10, 3
SMALLEST_SCALE = 0.1


@dataclass(frozen=True)
class Estimate:
    """One person's parameters as the regressor gives them, in the crop's camera."""

    rotmat: Float[Tensor, "*batch 24 3 3"]
    betas: Float[Tensor, "*batch 10"]
    camera: Float[Tensor, "*batch 3"]

    def frames(self, chosen: slice) -> "Estimate":
        """Return the estimates of some frames of clips."""
        return Estimate(self.rotmat[:, chosen], self.betas[:, chosen], self.camera[:, chosen])

    def project(
        self, points_m: Float[Tensor, "*batch points 3"], focal_crop: Float[Tensor, "*batch"]
    ) -> Float[Tensor, "*batch points 2"]:
        """Project points of the estimated body into the crop; a scale too small to divide by is held up."""
        scale, shift = self.camera[..., :1].clamp(min=SMALLEST_SCALE), self.camera[..., 1:]
        return project_in_crop(points_m, torch.cat([scale, shift], -1), focal_crop)


class Regressor(nn.Module):
    """Three rounds of correction, from the mean parameters on.

    Attribute names are those of the released checkpoints. There is no activation between the layers, as
    in the released code.
    """

    init_pose: Tensor
    init_shape: Tensor
    init_cam: Tensor

    def __init__(
        self, feature_size: int = 2048, hidden_size: int = 1024, dropout: float = 0.5, rounds: int = 3
    ):
        super().__init__()
        self.feature_size, self.rounds = feature_size, rounds
        self.fc1 = nn.Linear(feature_size + POSE_SIZE + SHAPE_SIZE + CAMERA_SIZE, hidden_size)
        self.drop1 = nn.Dropout(dropout)
        self.fc2 = nn.Linear(hidden_size, hidden_size)
        self.drop2 = nn.Dropout(dropout)
        self.decpose = nn.Linear(hidden_size, POSE_SIZE)
        self.decshape = nn.Linear(hidden_size, SHAPE_SIZE)
        self.deccam = nn.Linear(hidden_size, CAMERA_SIZE)
        for head in (self.decpose, self.decshape, self.deccam):
            nn.init.xavier_uniform_(head.weight, gain=0.01)
        self.register_buffer("init_pose", rot6d_from_rotmat(torch.eye(3).expand(JOINTS, 3, 3)).reshape(1, -1))
        self.register_buffer("init_shape", torch.zeros(1, SHAPE_SIZE))
        self.register_buffer("init_cam", torch.tensor([[0.9, 0.0, 0.0]]))

    def forward(self, feature: Float[Tensor, "*batch size"]) -> Estimate:
        """Regress the parameters that a feature stands for."""
        batch = feature.shape[:-1]
        pose = self.init_pose[0].expand(*batch, -1)
        shape = self.init_shape[0].expand(*batch, -1)
        camera = self.init_cam[0].expand(*batch, -1)
        for _ in range(self.rounds):
            state = self.drop1(self.fc1(torch.cat([feature, pose, shape, camera], -1)))
            state = self.drop2(self.fc2(state))
            pose = pose + self.decpose(state)
            shape = shape + self.decshape(state)
            camera = camera + self.deccam(state)
        return Estimate(rotmat_from_6d(pose.unflatten(-1, (JOINTS, 6))), shape, camera)
