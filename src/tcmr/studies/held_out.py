"""Clips of people whom no training saw, and how a network does on them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.model import BodyModel
from tcmr.data.crops import crop_cameras
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.evaluate.prediction import Prediction
from tcmr.evaluate.rendered import observe
from tcmr.evaluate.score import Sample, Scores, score
from tcmr.model.regressor import Estimate, Regressor
from tcmr.model.tcmr import TCMR
from tcmr.studies.feature_clips import FeatureClips

Array = np.ndarray


@dataclass(frozen=True)
class HeldOut:
    """Test clips with their static features."""

    clips: LandmarkClips
    features: FeatureClips
    body: BodyModel
    points: LandmarkPoints

    @cached_property
    def true_m(self) -> Float[Array, "clips frames 12 3"]:
        """Where LIMBS_12 truly are, at BlazePose's definitions, in camera axes, metres."""
        return self.points.limbs_on(self.clips.bodies(self.body)).numpy()

    @torch.no_grad()
    def score(self, tcmr: TCMR) -> Scores:
        """Score a network by the protocol of `tcmr evaluate --data rendered`, without shape and vertices."""
        estimate, _ = tcmr.forward_clips(self.features.static)
        return self.score_estimate(estimate)

    @torch.no_grad()
    def score_per_frame(self, regressor: Regressor) -> Scores:
        """Score each frame by itself: what there is without the temporal model."""
        return self.score_estimate(regressor(self.features.static))

    @torch.no_grad()
    def attention(self, tcmr: TCMR) -> Float[Tensor, "clips frames 3"]:
        """Return what past, current and future count in every frame."""
        return tcmr.forward_clips(self.features.static)[1]

    def score_estimate(self, estimate: Estimate) -> Scores:
        """Score estimates, in the crops' cameras, of all clips."""
        limbs = self.limbs_m(estimate)
        samples = [
            Sample(observation, Prediction(predicted), true)
            for observation, predicted, true in zip(observe(self.clips), limbs, self.true_m, strict=True)
        ]
        return score(samples)

    def limbs_m(self, estimate: Estimate) -> Float[Array, "clips frames 12 3"]:
        """Return LIMBS_12 of estimated bodies in the axes of the frame's camera; their origin means nothing."""
        cameras = crop_cameras(self.clips)
        rotmat = estimate.rotmat.clone()
        rotmat[:, :, 0] = cameras.root_in_frame(rotmat[:, :, 0])
        posed = self.body.with_shape(estimate.betas).with_pose(rotmat)
        return self.points.limbs_on(posed).numpy()
