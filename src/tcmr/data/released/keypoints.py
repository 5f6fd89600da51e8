"""Keypoints of the released databases -> SPIN's 49 in the crop."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Float32

from tcmr.camera import CROP_SIZE_PX
from tcmr.joints import SPIN_49

Array = np.ndarray

# Released code: keypoints are normalised with this scale whatever the features were cropped with.
KEYPOINT_CROP_SCALE = 1.2


def placed(joints: Float[Array, "frames joints 3"], places: Sequence[int]) -> Float32[Array, "frames 49 3"]:
    """Put joints where they belong among SPIN_49; the others are zero, and so is their confidence.

    >>> placed(np.ones((1, 2, 3)), [0, 48])[0, :, 2].nonzero()[0].tolist()
    [0, 48]
    """
    result = np.zeros((len(joints), len(SPIN_49), 3), np.float32)
    result[:, list(places)] = joints
    return result


def has_area(boxes_cxcywh_px: Float[Array, "frames 4"]) -> Bool[Array, " frames"]:
    """Tell which boxes have a width and a height; of a person with no visible keypoint there is none."""
    return np.asarray((boxes_cxcywh_px[:, 2:] > 0).all(-1))


def in_boxes(
    keypoints_px: Float[Array, "frames joints 3"], boxes_cxcywh_px: Float[Array, "frames 4"]
) -> Float[Array, "frames joints 3"]:
    """Move keypoints from the picture to the crop, which spans -1 to 1; without a box they have no confidence.

    >>> in_boxes(np.array([[[160.0, 100, 1]]]), np.array([[100.0, 100, 100, 100]])).tolist()
    [[[1.0, 0.0, 1.0]]]
    """
    whole = has_area(boxes_cxcywh_px)[:, None, None]
    boxes = np.where(whole[:, 0], boxes_cxcywh_px, 1.0)[:, None]
    xy = (keypoints_px[..., :2] - boxes[..., :2]) / (boxes[..., 2:] * KEYPOINT_CROP_SCALE / 2)
    return np.where(whole, np.concatenate([xy, keypoints_px[..., 2:]], -1), 0.0)


def in_crop(keypoints_px: Float[Array, "frames joints 3"]) -> Float[Array, "frames joints 3"]:
    """Normalise keypoints in pixels of a crop to -1 to 1.

    >>> in_crop(np.array([[[224.0, 112, 1]]])).tolist()
    [[[1.0, 0.0, 1.0]]]
    """
    xy = keypoints_px[..., :2] * (2 / CROP_SIZE_PX) - 1
    return np.concatenate([xy, keypoints_px[..., 2:]], -1)
