"""Tracks -> their crops and the static features of these."""

from collections.abc import Sequence

import torch

from tcmr.camera import CropCameras, PinholeCamera
from tcmr.features.backbone import Backbone, Crops, Pictures
from tcmr.features.boxes import smooth_boxes, square_boxes
from tcmr.types import Features, Track


def extract(
    tracks: Sequence[Track],
    backbone: Backbone,
    camera: PinholeCamera,
    fps: float,
    pictures: Pictures,
    rows: slice = slice(None),
) -> list[tuple[Features, CropCameras]]:
    """Crop the persons of a clip in every frame of their tracks and describe each crop by itself.

    Only some `rows` of the tracks, where these are given; the others still count for the smoothing of the boxes.

    Returns for each track the features, with the crops' boxes in pixels of the frame, and the crops' cameras.
    """
    crops = [_crops(track, backbone, camera, fps, rows) for track in tracks]
    described = backbone(crops, pictures)
    return [
        (Features(static.cpu().numpy(), each.track.frames, each.boxes_xyxy_px.numpy()), each.cameras)
        for each, static in zip(crops, described, strict=True)
    ]


def _crops(track: Track, backbone: Backbone, camera: PinholeCamera, fps: float, rows: slice) -> Crops:
    boxes = smooth_boxes(square_boxes(torch.from_numpy(track.xy_px), backbone.box_scale), fps)[rows]
    return Crops(track.part(rows), boxes, camera.crop_cameras(boxes, backbone.straight_crops))
