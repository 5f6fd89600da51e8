"""Clips of landmarks -> what the networks see in their crops, with the truth in the same cameras."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.model import BodyModel
from tcmr.camera import CropCameras
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.features.boxes import smooth_boxes, square_boxes
from tcmr.features.static import StaticInputs

# Augmentation: the box misplaced and missized, the focal length guessed wrong (standard deviations).
BOX_SHIFT, BOX_SCALE, FOCAL_ERROR = 0.04, 0.08, 0.2


@dataclass(frozen=True)
class CropTruth:
    """What was there, in the crops' cameras: rotations, shape, 3D joints and landmarks, 2D landmarks."""

    rotmat: Float[Tensor, "*batch 24 3 3"]
    betas: Float[Tensor, "*batch 10"]
    joints_m: Float[Tensor, "*batch 24 3"]
    points_m: Float[Tensor, "*batch 33 3"]
    points: Float[Tensor, "*batch 33 2"]
    focal_crop: Float[Tensor, "*batch"]

    def frames(self, chosen: slice) -> "CropTruth":
        """Return the truth of some frames of windows."""
        return CropTruth(
            self.rotmat[:, chosen],
            self.betas[:, chosen],
            self.joints_m[:, chosen],
            self.points_m[:, chosen],
            self.points[:, chosen],
            self.focal_crop[:, chosen],
        )


def crop_cameras(clips: LandmarkClips, augment: torch.Generator | None = None) -> CropCameras:
    """Place the crops as the pipeline does; with `augment`, misplace them and misjudge the focal length."""
    count, frames = clips.score.shape
    focal = clips.focal_px
    boxes = square_boxes(clips.xy_px)
    if frames > 1:
        boxes = smooth_boxes(boxes, clips.fps)
    if augment is not None:
        boxes = misplaced(boxes, augment)
        focal = focal * torch.exp(FOCAL_ERROR * torch.randn(count, generator=augment))
    return CropCameras.looking_at(boxes, focal[:, None].expand(count, frames), clips.center_px)


def crop_clips(
    clips: LandmarkClips, body: BodyModel, points: LandmarkPoints, augment: torch.Generator | None = None
) -> tuple[StaticInputs, CropTruth]:
    """Crop clips as the pipeline does; with `augment`, misplace the boxes and misjudge the focal length."""
    return in_crops(clips, crop_cameras(clips, augment), body, points)


def in_crops(
    clips: LandmarkClips, cameras: CropCameras, body: BodyModel, points: LandmarkPoints
) -> tuple[StaticInputs, CropTruth]:
    """Return what the networks see in crops that are placed, and the truth in their cameras."""
    frames = clips.score.shape[1]
    inputs = StaticInputs.of(cameras, clips.xy_px, clips.visibility, clips.world_m)
    bodies = clips.bodies(body)
    landmarks = points.on(bodies)
    rotmat = clips.rotmat.clone()
    rotmat[:, :, 0] = cameras.root_in_crop(rotmat[:, :, 0])
    truth = CropTruth(
        rotmat=rotmat,
        betas=clips.betas[:, None].expand(-1, frames, -1),
        joints_m=bodies.joints_m @ cameras.rotation,
        points_m=landmarks @ cameras.rotation,
        points=cameras.normalise(clips.project(landmarks)),
        focal_crop=cameras.focal_crop,
    )
    return inputs, truth


def misplaced(
    boxes: Float[Tensor, "clips frames 4"], generator: torch.Generator
) -> Float[Tensor, "clips frames 4"]:
    """Shift and scale each clip's boxes as a whole."""
    size = (boxes[..., 2:] - boxes[..., :2]).mean(1, keepdim=True)
    shift = BOX_SHIFT * torch.randn(len(boxes), 1, 2, generator=generator) * size
    scale = torch.exp(BOX_SCALE * torch.randn(len(boxes), 1, 1, generator=generator))
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    half = (boxes[..., 2:] - boxes[..., :2]) / 2 * scale
    return torch.cat([middle + shift - half, middle + shift + half], -1)
