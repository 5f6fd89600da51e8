import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tcmr.synth.light import Lighting, draw_lighting

UPRIGHT = np.diag([1, -1, -1]).astype(np.float32)  # a level camera that looks along -z
DIRECTIONS = Rotation.random(200, rng=np.random.default_rng(0)).as_matrix()[:, 0].astype(np.float32)


def one_lamp(**changes) -> Lighting:
    values = {
        "ambient": np.full(3, 0.2, np.float32),
        "sky": 0.0,
        "lamps": np.float32([[0, 1, 0], [0, 1, 0]]),
        "lamp_rgb": np.float32([[0.5, 0.4, 0.3], [0, 0, 0]]),
        "gloss": 0.0,
    }
    return Lighting(**(values | changes))


def test_lambert():
    normals = np.float32([[0, -1, 0], [0, 1, 0], [0, 0, -1]])  # in camera axes: up, down, to the camera
    lit = one_lamp().shade(np.full((3, 3), 100, np.float32), normals, UPRIGHT)
    np.testing.assert_allclose(lit, [[70, 60, 50], [20, 20, 20], [20, 20, 20]], atol=1e-4)


def test_the_sky_lights_from_above():
    normals = np.float32([[0, -1, 0], [0, 1, 0]])
    lighting = one_lamp(sky=0.3, lamp_rgb=np.zeros((2, 3), np.float32))
    lit = lighting.shade(np.full((2, 3), 100, np.float32), normals, UPRIGHT)
    np.testing.assert_allclose(lit, [[50, 50, 50], [20, 20, 20]], atol=1e-4)


def test_a_dull_surface_looks_the_same_from_any_camera():
    lighting = draw_lighting(np.array([0.0, 0, 1]), np.random.default_rng(1))
    dull = Lighting(lighting.ambient, lighting.sky, lighting.lamps, lighting.lamp_rgb, gloss=0.0)
    rgb = np.full((200, 3), 120, np.float32)
    cameras = Rotation.random(2, rng=np.random.default_rng(2)).as_matrix().astype(np.float32)
    first, second = (dull.shade(rgb, DIRECTIONS @ camera.T, camera) for camera in cameras)
    np.testing.assert_allclose(first, second, atol=0.01)


def test_gloss_is_brightest_between_lamp_and_camera():
    lighting = one_lamp(gloss=50.0)
    lit = lighting.shade(np.zeros((200, 3), np.float32), DIRECTIONS, UPRIGHT)
    halfway = np.float32([0, -1, -1]) / np.sqrt(2)
    assert np.argmax(lit[:, 0]) == np.argmax(DIRECTIONS @ halfway)
    assert lit[DIRECTIONS @ halfway < 0].max() == 0


def test_lights_are_neither_black_nor_blinding():
    forward = np.array([0.0, 0, -1])
    means = []
    for seed in range(100):
        lighting = draw_lighting(forward, np.random.default_rng(seed))
        np.testing.assert_allclose(np.linalg.norm(lighting.lamps, axis=1), 1, rtol=1e-5)
        means.append(lighting.shade(np.full((200, 3), 128, np.float32), DIRECTIONS, UPRIGHT).mean())
    assert min(means) > 25
    assert max(means) < 200
    assert np.median(means) == pytest.approx(100, abs=35)
