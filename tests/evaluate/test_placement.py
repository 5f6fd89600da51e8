import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.evaluate.placement import off_person_percent, walking_woman
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, indices
from tcmr.types import Track

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


def walking(from_x: float, to_x: float) -> Track:
    frames = np.arange(5)
    xy = np.zeros((5, 33, 2), np.float32)
    xy[..., 0] = np.linspace(from_x, to_x, 5)[:, None]
    return Track(
        id=0, segment=0, frames=frames, xy_px=xy, visibility=np.ones((5, 33), np.float32),
        world_m=np.zeros((5, 33, 3), np.float32), scores=np.ones(5, np.float32), bridged=np.zeros(5, bool),
    )  # fmt: skip


def test_the_walking_woman_goes_left():
    standing, to_the_right, to_the_left = walking(400, 390), walking(300, 900), walking(1000, 200)
    assert walking_woman([standing, to_the_right, to_the_left]) is to_the_left


def test_nobody_is_no_woman():
    with pytest.raises(ValueError, match="no person"):
        walking_woman([])
