"""Triangulation on points whose place is known."""

import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.evaluate.calibration import CalibratedCamera
from tcmr.evaluate.triangulation import Seen, persons_in_all, triangulated
from tcmr.joints import LIMBS_IN_BLAZEPOSE
from tcmr.types import Track

FRAMES = 4


def looking_in(angle: float) -> CalibratedCamera:
    """Stand five metres from the origin, looking at it."""
    sine, cosine = np.sin(angle), np.cos(angle)
    rotation = np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
    pinhole = PinholeCamera(1400.0, (540.0, 960.0))
    return CalibratedCamera("camera", 1080, 1920, pinhole, rotation, rotation.T @ np.array([0.0, 0.0, -5.0]))


CAMERAS = [looking_in(angle) for angle in (0.0, 1.2, 2.9, 4.4)]


def person(middle_x: float) -> np.ndarray:
    return np.random.default_rng(3).uniform(-0.8, 0.8, (FRAMES, 12, 3)) + np.array([middle_x, 0.0, 0.0])


def track(camera: CalibratedCamera, joints_m: np.ndarray) -> Track:
    xy_px = np.zeros((FRAMES, 33, 2), np.float32)
    seen = camera.pinhole.project(torch.from_numpy(camera.from_world(joints_m)))
    xy_px[:, LIMBS_IN_BLAZEPOSE] = seen.numpy()
    nothing = np.zeros((FRAMES, 33), np.float32)
    return Track(
        id=0, segment=0, frames=np.arange(FRAMES), xy_px=xy_px, visibility=nothing + 1,
        world_m=np.zeros((FRAMES, 33, 3), np.float32), scores=np.ones(FRAMES, np.float32),
        bridged=np.zeros(FRAMES, bool), spread_px=nothing, flow_px=xy_px * 0, flow_certainty=nothing,
    )  # fmt: skip


def test_points_that_all_views_see_are_where_they_are():
    joints_m = person(0.0)
    found_m, error_px = triangulated(CAMERAS, Seen.of([track(camera, joints_m) for camera in CAMERAS]))
    np.testing.assert_allclose(found_m, joints_m, atol=1e-5)
    assert error_px < 0.01


def test_a_view_that_is_far_off_hardly_counts():
    joints_m = person(0.0)
    seen = Seen.of([track(camera, joints_m) for camera in CAMERAS])
    seen.xy_px[1, 2, 5] += [300.0, -200.0]
    found_m, _ = triangulated(CAMERAS, seen)
    assert np.linalg.norm(found_m - joints_m, axis=-1).max() < 0.03
    np.testing.assert_allclose(np.delete(found_m, 2, 0), np.delete(joints_m, 2, 0), atol=1e-5)


def test_each_person_is_met_once_whatever_the_order_in_the_views():
    people = person(-1.0), person(1.0)
    views = [
        [track(camera, joints_m) for joints_m in (people if number % 2 else people[::-1])]
        for number, camera in enumerate(CAMERAS)
    ]
    found = [joints_m for joints_m, _ in persons_in_all(CAMERAS, views)]
    assert len(found) == 2
    left, right = sorted(found, key=lambda joints_m: joints_m[..., 0].mean())
    np.testing.assert_allclose(left, people[0], atol=1e-5)
    np.testing.assert_allclose(right, people[1], atol=1e-5)


def test_a_view_without_anybody_meets_nobody():
    views = [[track(camera, person(0.0))] for camera in CAMERAS[:3]] + [[]]
    assert list(persons_in_all(CAMERAS, views)) == []


def test_views_of_other_lengths_are_refused():
    joints_m = person(0.0)
    views = [track(camera, joints_m) for camera in CAMERAS]
    with pytest.raises(ValueError, match="same shape"):
        Seen.of([views[0], views[1].part(slice(0, 2))])
