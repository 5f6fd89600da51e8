"""Static features of one person -> motion: windows, TCMR, body."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from tcmr.body.load import load_body
from tcmr.body.model import BodyModel
from tcmr.camera import CropCameras
from tcmr.errors import TcmrError
from tcmr.model.checkpoint import is_checkpoint, load_checkpoint
from tcmr.model.products import PackedProduct
from tcmr.model.regressor import Estimate
from tcmr.model.tcmr import TCMR, WHOLE_CLIP
from tcmr.model.weights import OpenModel, load_open_model
from tcmr.model.windows import Edges, cut_window, inside_frames, window_indices
from tcmr.requirements import require_above_zero, require_one_of
from tcmr.rotations import is_rotation
from tcmr.stretches import gathered, stretches
from tcmr.types import Features, Motion, unbroken

# Windows that go through the recurrent networks, and bodies that are posed, at once: bounds memory.
STRETCH = 256


@dataclass(frozen=True)
class Predictor:
    """A temporal model with the body that its parameters are for.

    `weights` is what results say they were made with: name and hash. The model's tensors must stay as they are.
    """

    tcmr: TCMR
    body: BodyModel
    weights: str
    product: PackedProduct = field(default_factory=PackedProduct, repr=False, compare=False)

    @torch.no_grad()
    def predict(
        self,
        features: Features | Float[np.ndarray, "..."],
        fps: float = 30.0,
        edges: Edges = "reflect",
        cameras: CropCameras | None = None,
    ) -> Motion:
        """Predict the motion of one person from static features, frame by frame.

        An array is of consecutive frames; where `Features` have a gap in their frames, no window crosses it.
        With the crops' `cameras` the pelvis' rotation and place are in the frame's camera; without, in the crop's.

        Raises:
            TcmrError: the features are not [frames, size] of the size that the model takes, or not finite; or there
                are no such `edges`, or no such `fps`.
        """
        require_above_zero("fps", fps)
        require_one_of("edges", edges, Edges)
        features = checked_features(features, self.tcmr.config.feature_size)
        parts = (
            part
            for stretch in unbroken(features.frames)
            for part in self._encode(features.static[stretch], edges)
        )
        return self._motion(parts, features, fps, cameras)

    @torch.no_grad()
    def predict_frame(
        self,
        features: Features,
        frame: int,
        fps: float = 30.0,
        edges: Edges = "reflect",
        cameras: CropCameras | None = None,
    ) -> Motion:
        """Predict a single frame, given by its row, of a person's consecutive frames; `cameras` is that of its crop.

        It is what `predict` gives for that frame, at the cost of one window.
        """
        row = slice(frame, frame + 1)
        if self.tcmr.config.window == WHOLE_CLIP:
            all_frames, weights = self.tcmr.forward_sequence(self._tensor(features.static[None]))
            parts = iter([_flat(all_frames.frames(row), weights[:, row])])
        else:
            parts = self._windows(features.static, range(frame, frame + 1), edges)
        return self._motion(parts, features.part(row), fps, cameras)

    def _motion(
        self,
        parts: Iterable[tuple[Estimate, Tensor]],
        features: Features,
        fps: float,
        cameras: CropCameras | None,
    ) -> Motion:
        """Turn estimates of successive frames, and their attention, into the motion of them all."""
        return assemble(parts, features, self.body, self.weights, fps, cameras)

    def _encode(
        self, static: Float32[np.ndarray, "frames size"], edges: Edges
    ) -> Iterator[tuple[Estimate, Tensor]]:
        """Go through a clip: window by window at its ends, stretch by stretch in between."""
        frames, window = len(static), self.tcmr.config.window
        if window == WHOLE_CLIP:
            yield self._clips(static[None])
            return
        inside = inside_frames(frames, window)
        yield from self._windows(static, range(inside.start), edges)
        for first in inside[::STRETCH]:
            last = min(first + STRETCH, inside.stop)
            yield self._clips(static[None, first - window // 2 : last - window // 2 + window - 1])
        yield from self._windows(static, range(inside.stop, frames), edges)

    def _windows(
        self, static: Float32[np.ndarray, "frames size"], targets: range, edges: Edges
    ) -> Iterator[tuple[Estimate, Tensor]]:
        """Encode the windows of some targets, each by itself."""
        window = self.tcmr.config.window
        if edges == "cut":
            for frame in targets:
                seen, target = cut_window(len(static), frame, window)
                yield self.tcmr(self._tensor(static[None, seen]), target)
        elif targets:
            yield self._clips(static[window_indices(len(static), window, edges)[targets].numpy()])

    def _clips(self, static: Float32[np.ndarray, "clips frames size"]) -> tuple[Estimate, Tensor]:
        """Encode all full windows of clips, or without windows all their frames, one clip after the other."""
        return _flat(*self.tcmr.forward_sequence(self._tensor(static), self.product))

    def _tensor(self, static: Float32[np.ndarray, "clips frames size"]) -> Float[Tensor, "clips frames size"]:
        """Copy static features to where the model is, in its precision."""
        return torch.tensor(static).to(next(self.tcmr.parameters()))


def checked_features(features: Features | Float[np.ndarray, "..."], size: int) -> Features:
    """Return static features, an array's as of consecutive frames, after making sure that a model takes them.

    Raises:
        TcmrError: they are not [frames, size], or not finite.
    """
    static = features.static if isinstance(features, Features) else np.asarray(features, np.float32)
    if static.ndim != 2 or static.shape[1] != size or len(static) == 0:
        raise TcmrError(
            f"static features must be [frames, {size}] of one person for these weights, got {list(static.shape)}"
        )
    if not np.isfinite([static.min(), static.max()]).all():
        raise TcmrError("static features must be finite: there are NaN or infinite values")
    return features if isinstance(features, Features) else Features(static, np.arange(len(static)))


def load_model(weights: str | Path = "open", body: str | Path = "open", device: str = "cpu") -> Predictor:
    """Load a temporal model and the body that its parameters are for.

    `weights` is "open", a .safetensors of this package, or an authors' checkpoint (.pth.tar); `body` is "open", a
    SMPL .pkl or .npz, or a folder that holds one. The authors' weights, and those trained as theirs, need SMPL.

    Raises:
        TcmrError: a file is missing or is not what it should be, or the body is not the weights'.
    """
    if weights == "open" or not is_checkpoint(Path(weights)):
        return predictor_of(load_open_model(weights), body, device)
    checkpoint = load_checkpoint(Path(weights))
    loaded_body = load_body(body, device)
    checkpoint.check_body(loaded_body)
    return Predictor(checkpoint.tcmr.to(device), loaded_body, f"{checkpoint.name} {checkpoint.sha256}")


def predictor_of(model: OpenModel, body: str | Path = "open", device: str = "cpu") -> Predictor:
    """Join weights that were read with the body, by name or file, that they are for.

    Raises:
        TcmrError: the weights have no temporal model, or the body cannot be read or is not the weights'.
    """
    if model.tcmr is None:
        raise TcmrError(
            f"{model.path} holds no temporal model: these are weights of the first stage of training"
        )
    loaded_body = load_body(body, device)
    model.check_body(loaded_body)
    return Predictor(model.tcmr.to(device), loaded_body, f"{model.name} {model.sha256}")


def _flat(estimate: Estimate, attention: Float[Tensor, "clips frames 3"]) -> tuple[Estimate, Tensor]:
    flat = [each.flatten(0, 1) for each in (estimate.rotmat, estimate.betas, estimate.camera)]
    return Estimate(*flat), attention.flatten(0, 1)


def assemble(
    estimates: Iterable[tuple[Estimate, Tensor]],
    features: Features,
    body: BodyModel,
    weights: str,
    fps: float,
    cameras: CropCameras | None,
) -> Motion:
    """Turn estimates of successive frames in crops, each with its attention, into one person's motion.

    Raises:
        TcmrError: the weights gave numbers that stand for no rotation.
    """
    values = ((part.rotmat, part.betas, part.camera, attention) for part, attention in estimates)
    rotmat, betas, camera, attention = gathered(len(features.frames), values)
    estimate = Estimate(rotmat, betas, camera)  # its memory becomes the motion's
    parts = stretches(len(features.frames), STRETCH)
    lost = torch.cat([(~is_rotation(estimate.rotmat[rows])).any(-1) for rows in parts])
    if lost.any():
        raise TcmrError(
            f"the weights {weights} gave no rotation in {int(lost.sum())} of {len(lost)} frames, the first of them "
            f"frame {features.frames[int(lost.nonzero()[0])]}: they or the features are damaged"
        )
    if cameras is not None:
        cameras = cameras.to(estimate.rotmat.device)
    joints, transl = gathered(len(lost), (_posed(estimate, rows, body, cameras) for rows in parts))

    def array(tensor: Tensor) -> np.ndarray:
        return tensor.float().cpu().numpy()

    return Motion(
        rotmat=array(estimate.rotmat),
        betas=array(estimate.betas),
        camera=array(estimate.camera),
        joints_m=array(joints),
        attention=array(attention),
        frames=features.frames,
        fps=fps,
        body=f"{body.name} {body.sha256}",
        weights=weights,
        transl_m=None if cameras is None else array(transl),
        boxes_xyxy_px=features.boxes_xyxy_px,
    )


def _posed(
    estimate: Estimate, rows: slice, body: BodyModel, cameras: CropCameras | None
) -> tuple[Float[Tensor, "rows 24 3"], Float[Tensor, "rows 3"]]:
    """Return joints relative to the pelvis, and the pelvis' place: in the crop's camera at its origin.

    With `cameras`, the pelvis' rotations are turned to the frame's camera where they stand.
    """
    rotmat, shaped = estimate.rotmat[rows], body.with_shape(estimate.betas[rows])
    transl = torch.zeros_like(estimate.camera[rows])
    if cameras is not None:
        crops = cameras.rows(rows)
        rotmat[:, 0] = crops.root_in_frame(rotmat[:, 0])
        transl = crops.translation_in_frame(estimate.camera[rows], shaped.joints_m[:, 0])
    joints = shaped.with_pose(rotmat).joints_m
    return joints - joints[:, :1], transl
