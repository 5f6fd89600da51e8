import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.evaluate.placement import off_person_percent
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, indices

CAMERA = PinholeCamera.assumed(1280, 720)


def seen_exactly(joints_m: np.ndarray) -> np.ndarray:
    """Landmarks whose limbs are the joints' images; the others lie in the box of those."""
    limbs_px = CAMERA.project(torch.tensor(joints_m)).numpy()
    landmarks = np.repeat(limbs_px.mean(1, keepdims=True), 33, axis=1)
    landmarks[:, indices(BLAZEPOSE_33, LIMBS_12)] = limbs_px
    return landmarks


@pytest.fixture
def joints_m() -> np.ndarray:
    return np.random.default_rng(0).uniform([-0.5, -1, 4], [0.5, 1, 5], (6, 12, 3))


def test_a_body_on_the_person_is_not_off(joints_m):
    off = off_person_percent(joints_m, CAMERA, seen_exactly(joints_m))
    np.testing.assert_allclose(off, 0, atol=1e-9)


def test_distance_counts_in_percent_of_the_persons_height(joints_m):
    landmarks = seen_exactly(joints_m)
    height = np.ptp(landmarks[..., 1], axis=1)[:, None]
    moved = landmarks + np.stack([0.03 * height, 0.04 * height], -1)
    np.testing.assert_allclose(off_person_percent(joints_m, CAMERA, moved), 5)
