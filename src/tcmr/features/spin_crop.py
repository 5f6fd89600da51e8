"""SPIN's crop: the square around a person, as the released code cuts it out for its ResNet-50."""

import numpy as np
from jaxtyping import Float, Float32, UInt8

from tcmr.camera import CROP_SIZE_PX
from tcmr.features.crop import crop
from tcmr.types import Region

Array = np.ndarray

# Released code: a person's box is 1.1 times the extent of the keypoints, and the crop 1.2 times that box.
BOX_SCALE = 1.1 * 1.2

IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def spin_crop(
    rgb: UInt8[Array, "height width 3"], box_xyxy_px: Float[Array, "4"]
) -> Float32[Array, "224 224 3"]:
    """Return the square around a box, normalised as ImageNet's pictures are.

    Its side is the longer one of the box, its middle the box's, so that nothing is stretched. Bilinear; black
    outside the frame. Crop pixel (column, row) shows the square's point (column / 224, row / 224).
    """
    left, top, right, bottom = (float(edge) for edge in box_xyxy_px)
    square = Region(
        center_xy_px=((left + right) / 2, (top + bottom) / 2),
        size_px=max(right - left, bottom - top),
        rotation_rad=0.0,
    )
    return (crop(rgb, square, CROP_SIZE_PX) - IMAGENET_MEAN) / IMAGENET_DEVIATION
