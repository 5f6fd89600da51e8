"""Cameras that come close: how much of a person the picture shows, and where."""

import numpy as np
import pytest

from tcmr.synth.close_up import CROWN_M, SHOWN_M, film_close_up

SIDE_PX = 320


def projected(camera, points_m: np.ndarray) -> np.ndarray:
    seen = camera.to_camera(points_m)
    assert (seen[..., 2] > 0).all()
    return camera.focal_px * seen[..., :2] / seen[..., 2:] + np.array(camera.center_xy_px)


@pytest.mark.parametrize("seed", range(40))
def test_the_head_is_in_the_picture_and_what_is_far_below_it_is_not(seed):
    head = np.tile(np.array([1.0, 1.5, -2.0], np.float32), (8, 1))
    camera = film_close_up(head, SIDE_PX, np.random.default_rng(seed))
    crown = projected(camera, head + np.array([0, CROWN_M, 0], np.float32))
    assert (abs(crown[:, 0] - SIDE_PX / 2) < SIDE_PX / 2).all()
    assert (crown[:, 1] < SIDE_PX * 0.45).all()
    knees = projected(camera, head - np.array([0, 1.35, 0], np.float32))
    assert (knees[:, 1] > SIDE_PX).all()


@pytest.mark.parametrize("seed", range(10))
def test_as_much_is_shown_as_it_says(seed):
    """What lies across the view at the head is a metre long in so many pixels."""
    head = np.zeros((4, 3), np.float32)
    camera = film_close_up(head, SIDE_PX, np.random.default_rng(seed))
    metre_px = camera.focal_px / np.linalg.norm(camera.position_m - head, axis=1)
    assert (metre_px > 0.8 * SIDE_PX / SHOWN_M[1]).all()
    assert (metre_px < 1.2 * SIDE_PX / SHOWN_M[0]).all()


@pytest.mark.parametrize("seed", range(10))
def test_the_camera_follows_who_walks(seed):
    head = np.linspace([0, 1.6, 0], [1, 1.6, 0], 48).astype(np.float32)
    camera = film_close_up(head, SIDE_PX, np.random.default_rng(seed))
    px = projected(camera, head)
    assert (abs(px[:, 0] - SIDE_PX / 2) < SIDE_PX / 2).all()
