"""A track -> its crops and their static features."""

import torch

from tcmr.camera import CropCameras, PinholeCamera
from tcmr.features.backbone import Backbone, Pictures
from tcmr.features.boxes import smooth_boxes, square_boxes
from tcmr.types import Features, Track


def extract(
    track: Track, backbone: Backbone, camera: PinholeCamera, fps: float, pictures: Pictures
) -> tuple[Features, CropCameras]:
    """Crop a person in every frame of a track and describe each crop by itself.

    Returns the features, with the crops' boxes in pixels of the frame, and the crops' cameras.
    """
    boxes = smooth_boxes(square_boxes(torch.from_numpy(track.xy_px)), fps)
    cameras = camera.crop_cameras(boxes)
    static = backbone(track, boxes, cameras, pictures)
    return Features(static.cpu().numpy(), track.frames, boxes.numpy()), cameras
