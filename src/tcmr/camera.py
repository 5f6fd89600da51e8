"""Cameras: the full frame's pinhole, and the square crop's weak perspective.

The only place where the crop's 224 px and the paper's 5000 px focal length appear.

A crop is seen by a camera of its own: same centre of projection, turned so that it looks at the middle of
the box. In it a point lands on `focal_crop * xy / z`, where the box spans -1 to 1. Networks work in the
crop's camera; `rotation` takes its coordinates to the frame's camera.
"""

import math
from dataclasses import dataclass, fields, replace
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.rotations import rotmat_between

CROP_SIZE_PX = 224
PAPER_FOCAL_PX = 5000.0
# The paper's focal length in units of half a crop.
PAPER_FOCAL_CROP = 2 * PAPER_FOCAL_PX / CROP_SIZE_PX


@dataclass(frozen=True)
class PinholeCamera:
    """The camera of the full frame: square pixels, no distortion."""

    focal_px: float
    center_xy_px: tuple[float, float]

    @staticmethod
    def assumed(width: int, height: int, focal_px: float | None = None) -> "PinholeCamera":
        """Assume the centre of the picture and, unless given, a focal length as long as its diagonal.

        The diagonal means a field of view of 53 degrees across it, in the middle of what phones and
        webcams have. Source of the choice: Li et al., "CLIFF", ECCV 2022.
        """
        return PinholeCamera(focal_px or math.hypot(width, height), (width / 2, height / 2))

    def project(self, points_m: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 2"]:
        """Project points in camera coordinates to pixels of the frame."""
        center = points_m.new_tensor(self.center_xy_px)
        return self.focal_px * points_m[..., :2] / points_m[..., 2:] + center

    def crop_cameras(self, boxes_xyxy_px: Float[Tensor, "*batch 4"], straight: bool = False) -> "CropCameras":
        """Return the cameras that look at the middles of square boxes.

        `straight`: the crops are cut out of the frame as they are (see `StraightCropCameras`).
        """
        kind = StraightCropCameras if straight else CropCameras
        focal = boxes_xyxy_px.new_full(boxes_xyxy_px.shape[:-1], self.focal_px)
        return kind.looking_at(boxes_xyxy_px, focal, boxes_xyxy_px.new_tensor(self.center_xy_px))


@dataclass(frozen=True)
class CameraMovement:
    """How the camera moved in a clip.

    `turned_deg` is how far it was turned at most against the first frame of a shot. `unexplained` is how much of the
    background's movement turning does not explain (median): a few hundredths for a camera on one spot, more than
    `MOST_UNEXPLAINED` for one that moves through the scene, where what is near goes otherwise than what is far.
    `blind` is the share of frames into which too little of the background could be followed. `focal_px` is the focal
    length that a pan tells, in pixels of the full frame.
    """

    MOST_UNEXPLAINED: ClassVar[float] = 0.1

    turned_deg: float
    unexplained: float
    blind: float
    focal_px: float | None


@dataclass(frozen=True)
class CropCameras:
    """The cameras of crops, frame by frame; the leading axes are free.

    `ray_xy` is the middle of the box as a direction (x / z, y / z) of the frame's camera, `rotation` takes the
    crop camera's coordinates to the frame camera's.
    """

    focal_px: Float[Tensor, "*batch"]
    center_xy_px: Float[Tensor, "2"]
    ray_xy: Float[Tensor, "*batch 2"]
    rotation: Float[Tensor, "*batch 3 3"]
    focal_crop: Float[Tensor, "*batch"]

    @classmethod
    def looking_at(
        cls,
        boxes_xyxy_px: Float[Tensor, "*batch 4"],
        focal_px: Float[Tensor, "*batch"],
        center_xy_px: Float[Tensor, "2"],
    ) -> "CropCameras":
        """Return the cameras that look at the middles of square boxes, for frames of given focal length."""
        low, high = boxes_xyxy_px[..., :2], boxes_xyxy_px[..., 2:]
        ray_xy = ((low + high) / 2 - center_xy_px) / focal_px[..., None]
        ray = torch.cat([ray_xy, torch.ones_like(ray_xy[..., :1])], -1)
        forward = torch.tensor([0.0, 0.0, 1.0]).to(ray).expand_as(ray)
        rotation = rotmat_between(forward, ray / ray.norm(dim=-1, keepdim=True))
        return cls(focal_px, center_xy_px, ray_xy, rotation, 2 * focal_px / (high - low).amax(-1))

    def to(self, device: torch.device | str) -> "CropCameras":
        """Return the same cameras on another device."""
        return type(self)(*(getattr(self, field.name).to(device) for field in fields(self)))

    def rows(self, chosen: slice) -> "CropCameras":
        """Return the cameras of some rows of the first axis."""
        per_crop = [field.name for field in fields(self) if field.name != "center_xy_px"]
        return replace(self, **{name: getattr(self, name)[chosen] for name in per_crop})

    def normalise(self, xy_px: Float[Tensor, "*batch points 2"]) -> Float[Tensor, "*batch points 2"]:
        """Map pixels of the frame to the crop, where the box spans -1 to 1 (exactly: by the homography)."""
        rays = (xy_px - self.center_xy_px) / self.focal_px[..., None, None]
        rays = torch.cat([rays, torch.ones_like(rays[..., :1])], -1) @ self.rotation
        return rays[..., :2] / rays[..., 2:] * self.focal_crop[..., None, None]

    def root_in_frame(self, root_rotmat: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3 3"]:
        """Turn the root's rotation from the crop's camera to the frame's."""
        return self.rotation @ root_rotmat

    def root_in_crop(self, root_rotmat: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3 3"]:
        """Turn the root's rotation from the frame's camera to the crop's."""
        return self.rotation.mT @ root_rotmat

    def translation_in_frame(
        self, camera: Float[Tensor, "*batch 3"], offset_m: Float[Tensor, "*batch 3"]
    ) -> Float[Tensor, "*batch 3"]:
        """Place a point that stands at `offset_m` in the body's own frame, in frame camera coordinates, metres."""
        translation = translation_from_weak_perspective(camera, self.focal_crop) + offset_m
        return (self.rotation @ translation[..., None])[..., 0]

    def weak_perspective(
        self, placed_m: Float[Tensor, "*batch 3"], offset_m: Float[Tensor, "*batch 3"]
    ) -> Float[Tensor, "*batch 3"]:
        """Return the crop's weak perspective of a placed point: what `translation_in_frame` takes."""
        translation = (self.rotation.mT @ placed_m[..., None])[..., 0] - offset_m
        scale = self.focal_crop / translation[..., 2]
        return torch.cat([scale[..., None], translation[..., :2]], -1)


@dataclass(frozen=True)
class StraightCropCameras(CropCameras):
    """The cameras of crops that are plain squares of the frame, which no turned camera has seen.

    The person is seen from the crop's side, so the root is turned as for any crop; a point is placed where the
    crop shows it.
    """

    def translation_in_frame(
        self, camera: Float[Tensor, "*batch 3"], offset_m: Float[Tensor, "*batch 3"]
    ) -> Float[Tensor, "*batch 3"]:
        """Place a point that stands at `offset_m` in the body's own frame, in frame camera coordinates, metres.

        Source: Li et al., "CLIFF", ECCV 2022, equation 4; in the image it is the released code's full-image camera.
        """
        translation = translation_from_weak_perspective(camera, self.focal_crop) + offset_m
        depth = translation[..., 2:]
        return torch.cat([self.ray_xy * depth + translation[..., :2], depth], -1)

    def weak_perspective(
        self, placed_m: Float[Tensor, "*batch 3"], offset_m: Float[Tensor, "*batch 3"]
    ) -> Float[Tensor, "*batch 3"]:
        """Return the crop's weak perspective of a placed point: what `translation_in_frame` takes."""
        across = placed_m[..., :2] - self.ray_xy * placed_m[..., 2:] - offset_m[..., :2]
        scale = self.focal_crop / (placed_m[..., 2] - offset_m[..., 2])
        return torch.cat([scale[..., None], across], -1)


def translation_from_weak_perspective(
    camera: Float[Tensor, "*batch 3"], focal_crop: Float[Tensor, "*batch"] | float = PAPER_FOCAL_CROP
) -> Float[Tensor, "*batch 3"]:
    """Turn the crop's weak perspective (s, tx, ty) into a translation in the crop's camera, metres.

    Paper: released code, (tx, ty, 2 * 5000 / (224 * s + 1e-9)).
    """
    scale, shift = camera[..., 0], camera[..., 1:]
    depth = focal_crop / (scale + 1e-9 / CROP_SIZE_PX)
    return torch.cat([shift, depth[..., None]], -1)


def project_in_crop(
    points_m: Float[Tensor, "*batch points 3"],
    camera: Float[Tensor, "*batch 3"],
    focal_crop: Float[Tensor, "*batch"] | float = PAPER_FOCAL_CROP,
) -> Float[Tensor, "*batch points 2"]:
    """Project points of the body's own frame into the crop, where the box spans -1 to 1.

    Paper: 2D keypoints for supervision, normalised to [-1, 1].
    """
    points = points_m + translation_from_weak_perspective(camera, focal_crop)[..., None, :]
    focal = focal_crop[..., None, None] if isinstance(focal_crop, Tensor) else focal_crop
    return focal * points[..., :2] / points[..., 2:]
