"""Each frame by itself: what there is without the temporal model."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from tcmr.body.load import load_body
from tcmr.body.model import BodyModel
from tcmr.camera import CropCameras
from tcmr.model.predictor import STRETCH, assemble, checked_features
from tcmr.model.regressor import Estimate, Regressor
from tcmr.model.weights import OpenModel
from tcmr.model.windows import Edges
from tcmr.stretches import stretches
from tcmr.types import Features, Motion


@dataclass(frozen=True)
class FramePredictor:
    """The per-frame network's own regressor, in the place of a temporal `Predictor`.

    `weights` is what results say they were made with: name and hash.
    """

    regressor: Regressor
    body: BodyModel
    weights: str

    @torch.no_grad()
    def predict(
        self,
        features: Features | Float[np.ndarray, "..."],
        fps: float = 30.0,
        edges: Edges = "reflect",
        cameras: CropCameras | None = None,
    ) -> Motion:
        """Regress each frame's static feature; `edges` does nothing, because no frame sees another.

        An array is of consecutive frames. All attention is on the current frame. With the crops' `cameras` the
        pelvis' rotation and place are in the frame's camera; without, in the crop's.

        Raises:
            TcmrError: the features are not [frames, size] of the size that the regressor takes, or not finite.
        """
        features = checked_features(features, self.regressor.feature_size)
        parts = (self._regressed(features.static[rows]) for rows in stretches(len(features.frames), STRETCH))
        return assemble(parts, features, self.body, self.weights, fps, cameras)

    def _regressed(self, static: Float32[np.ndarray, "frames size"]) -> tuple[Estimate, Tensor]:
        values = torch.tensor(static).to(self.regressor.init_pose)
        return self.regressor(values), only_current(len(values))


def frame_predictor_of(
    model: OpenModel, body: str | Path | BodyModel = "open", device: str = "cpu"
) -> FramePredictor:
    """Join the per-frame part of the open weights with the body that it is for.

    Raises:
        TcmrError: the body cannot be read, or is not the weights'.
    """
    loaded = body if isinstance(body, BodyModel) else load_body(body, device)
    model.check_body(loaded)
    return FramePredictor(
        model.frame_model.regressor.to(loaded.device), loaded, f"{model.name}-per-frame {model.sha256}"
    )


def only_current(frames: int) -> Float[Tensor, "frames 3"]:
    """Return the attention of frames that see neither past nor future.

    >>> only_current(1)
    tensor([[0., 1., 0.]])
    """
    return torch.tensor([0.0, 1.0, 0.0]).repeat(frames, 1)
