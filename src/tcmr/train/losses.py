"""What an estimate is compared with, and how much each term counts."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.body.landmarks import LandmarkPoints, hip_centred
from tcmr.body.model import BodyModel, PosedBody
from tcmr.data.crops import CropTruth
from tcmr.joints import SMPL_24, indices
from tcmr.model.regressor import Estimate

PELVIS = indices(SMPL_24, "pelvis")
# Motion capture has no fingers, and its wrists' twist is unsure: these rotations count less.
UNSURE = indices(SMPL_24, ["left_wrist", "right_wrist", "left_hand", "right_hand", "left_foot", "right_foot"])


@dataclass(frozen=True)
class LossWeights:
    """How much each term counts in training the open weights; distances are in metres or half crops."""

    joints: float = 10.0
    points: float = 5.0
    pose: float = 2.0
    shape: float = 0.5
    image: float = 8.0


@dataclass(frozen=True)
class OpenLoss:
    """The paper's four kinds of term (2D, 3D, pose, shape), for landmarks as ground truth.

    Distances count linearly, not squared: a flipped frame must not outweigh a thousand good ones.
    """

    body: BodyModel
    points: LandmarkPoints
    weights: LossWeights

    def terms(self, estimate: Estimate, truth: CropTruth) -> dict[str, Tensor]:
        """Return each term's mean, unweighted."""
        posed = self._posed(estimate)
        points = self.points.on(posed)
        image = estimate.project(points, truth.focal_crop)
        sure = torch.ones(len(SMPL_24), device=image.device)
        sure[UNSURE] = 0.2
        squared = ((estimate.rotmat - truth.rotmat) ** 2).sum((-1, -2))
        return {
            "joints": distance(relative(posed.joints_m, PELVIS), relative(truth.joints_m, PELVIS)),
            "points": distance(hip_centred(points), hip_centred(truth.points_m)),
            "pose": (squared * sure).mean(),
            "shape": ((estimate.betas - truth.betas) ** 2).mean(),
            "image": distance(image, truth.points),
        }

    def velocity(self, estimate: Estimate, truth: CropTruth) -> Float[Tensor, ""]:
        """Return how much the movement from frame to frame differs (axis 1 is time), metres a frame."""
        points = hip_centred(self.points.on(self._posed(estimate)))
        return distance(points.diff(dim=1), hip_centred(truth.points_m).diff(dim=1))

    def acceleration(self, estimate: Estimate, truth: CropTruth) -> dict[str, Float[Tensor, ""]]:
        """Return the acceleration error (metres a frame squared) and the share of true speed that is kept."""
        seen = hip_centred(self.points.on(self._posed(estimate)))
        real = hip_centred(truth.points_m)
        speed = seen.diff(dim=1).norm(dim=-1).mean() / real.diff(dim=1).norm(dim=-1).mean()
        return {"acceleration": distance(seen.diff(n=2, dim=1), real.diff(n=2, dim=1)), "speed_kept": speed}

    def _posed(self, estimate: Estimate) -> PosedBody:
        return self.body.with_shape(estimate.betas).with_pose(estimate.rotmat)

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """Return the weighted sum."""
        return torch.stack([getattr(self.weights, name) * term for name, term in terms.items()]).sum()


def relative(points: Float[Tensor, "*batch points 3"], origin: list[int]) -> Float[Tensor, "*batch points 3"]:
    """Move the mean of some of the points to the origin."""
    return points - points[..., origin, :].mean(-2, keepdim=True)


def distance(a: Float[Tensor, "*batch axes"], b: Float[Tensor, "*batch axes"]) -> Float[Tensor, ""]:
    """Return the mean Euclidean distance."""
    return (a - b).norm(dim=-1).mean()


def rounded(terms: dict[str, Tensor]) -> dict[str, float]:
    """Return terms as numbers fit for a log."""
    return {name: round(term.item(), 5) for name, term in terms.items()}
