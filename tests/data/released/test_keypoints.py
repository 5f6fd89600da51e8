"""Keypoints in the crop: the released code's numbers."""

import json
from pathlib import Path

import numpy as np
import pytest

from tcmr.data.released.keypoints import in_boxes, in_crop, placed
from tcmr.data.released.kinds import KINDS
from tcmr.joints import SPIN_49_MPII3D_17

PARITY = Path(__file__).parents[2] / "parity"
MAPS = json.loads((PARITY / "windows_and_maps.json").read_text())["joint_index_maps"]


def test_the_way_from_the_picture_to_the_crop_is_the_released_codes():
    with np.load(PARITY / "crop.npz") as arrays:
        keypoints, normalised, box = arrays["kp_in"], arrays["kp_norm"], arrays["bbox_cxcywh"][1]
    points = np.concatenate([keypoints[:, :2], np.ones((len(keypoints), 1))], -1)
    ours = in_boxes(points[None].astype(np.float64), box[None].astype(np.float64))[0]
    np.testing.assert_allclose(ours[:, :2], normalised[:, :2], atol=1e-4)


@pytest.mark.parametrize(("kind", "theirs"), [("insta", "insta->spin"), ("3dpw", "common->spin")])
def test_joints_go_where_the_released_code_puts_them(kind, theirs):
    ((count, places),) = KINDS[kind].keypoints.items()
    numbered = np.arange(1.0, count + 1)[None, :, None].repeat(3, 2)
    assert (placed(numbered, places)[0, :, 0] - 1).astype(int).tolist() == MAPS[theirs]


def test_the_17_joints_are_the_released_codes():
    assert list(SPIN_49_MPII3D_17) == MAPS["spin->mpii3d_test"]


def test_without_a_box_there_is_no_keypoint():
    keypoints = np.full((3, 2, 3), 5.0)
    boxes = np.array([[5, 5, 10, 10], [5, 5, 0, 10], [4999.5, 4999.5, -10001, -10001]], float)
    found = in_boxes(keypoints, boxes)
    assert found[..., 2].tolist() == [[5, 5], [0, 0], [0, 0]]
    assert np.isfinite(found).all()


def test_pixels_of_the_crop():
    np.testing.assert_allclose(in_crop(np.array([[[0.0, 224, 0.3]]])), [[[-1, 1, 0.3]]])
