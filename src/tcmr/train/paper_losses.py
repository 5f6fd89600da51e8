"""The paper's loss: 2D keypoints, 3D joints, pose and shape of three branches against the target frame.

Paper: section 3.5; the weights are those of the released configurations. The released code takes the pose
to axis-angle and back before comparing rotation matrices: that changes neither the value nor the gradient, so
it is left out.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.body.model import BodyModel
from tcmr.camera import project_in_crop
from tcmr.data.labels import Labels
from tcmr.joints import SPIN_49, SPIN_49_COMMON_14, indices
from tcmr.model.regressor import Estimate
from tcmr.train.losses import relative

COMMON = [SPIN_49[joint] for joint in SPIN_49_COMMON_14]
HIPS = indices(COMMON, ["right_hip_lsp", "left_hip_lsp"])


@dataclass(frozen=True)
class PaperLossWeights:
    """How much each term counts; the defaults are those of every released configuration."""

    keypoints: float = 300.0
    joints: float = 300.0
    pose: float = 60.0
    shape: float = 0.06


@dataclass(frozen=True)
class Prediction:
    """What the branches say of each sample's target frame, in the terms of the labels."""

    keypoints: Float[Tensor, "samples branches 49 2"]
    joints_m: Float[Tensor, "samples branches 49 3"]
    rotmat: Float[Tensor, "samples branches 24 3 3"]
    betas: Float[Tensor, "samples branches 10"]

    @staticmethod
    def of(estimate: Estimate, body: BodyModel) -> "Prediction":
        """Pose the body as each branch says, and see it in the crop."""
        joints = body.with_shape(estimate.betas).with_pose(estimate.rotmat).joints(SPIN_49)
        return Prediction(project_in_crop(joints, estimate.camera), joints, estimate.rotmat, estimate.betas)


@dataclass(frozen=True)
class Mean:
    """A weighted mean over samples, kept undivided: parts of a batch on several devices add up to the whole."""

    total: Float[Tensor, ""]
    weight: Float[Tensor, ""]

    @staticmethod
    def of(squared: Float[Tensor, "samples ..."], weights: Float[Tensor, " samples"]) -> "Mean":
        """Average each sample's squared differences, and weigh the samples."""
        return Mean((weights * squared.flatten(1).mean(1)).sum(), weights.sum())

    def value(self) -> Float[Tensor, ""]:
        """Return the mean; zero where nothing has weight (the released code raises)."""
        return self.total / self.weight.masked_fill(self.weight == 0, 1.0)


@dataclass(frozen=True)
class PaperLoss:
    """The four terms and their sum."""

    weights: PaperLossWeights = PaperLossWeights()

    def terms(self, predicted: Prediction, labels: Labels) -> dict[str, Mean]:
        """Return each term, weighted by how much it counts.

        All samples count for the 2D term, and so do keypoints of confidence zero, with no difference; joints
        are the 14 that all databases have, relative to the middle of the hips, without confidence.
        """
        confidence = labels.keypoints[:, None, :, 2:]
        image = confidence * (predicted.keypoints - labels.keypoints[:, None, :, :2]) ** 2
        joints = _centred(predicted.joints_m) - _centred(labels.joints_m)[:, None]
        pose = predicted.rotmat - labels.rotmat[:, None]
        shape = predicted.betas - labels.betas[:, None]
        everyone = torch.ones_like(labels.joints_weight)
        return {
            "keypoints": Mean.of(self.weights.keypoints * image, everyone),
            "joints": Mean.of(self.weights.joints * joints**2, labels.joints_weight),
            "pose": Mean.of(self.weights.pose * pose**2, labels.body_weight),
            "shape": Mean.of(self.weights.shape * shape**2, labels.body_weight),
        }


def _centred(joints_m: Float[Tensor, "*batch 49 3"]) -> Float[Tensor, "*batch 14 3"]:
    return relative(joints_m[..., list(SPIN_49_COMMON_14), :], HIPS)
