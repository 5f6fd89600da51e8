import numpy as np
import pytest

from tcmr.synth.camera_motion import CameraPath, film, look_at

WALK = np.stack([np.linspace(0, 1.5, 48), np.full(48, 0.9), np.linspace(0, 0.5, 48)], 1).astype(np.float32)


def test_the_target_is_on_the_axis_and_up_is_up():
    rng = np.random.default_rng(0)
    position, target = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    rotmat = look_at(position, target, 0.0)
    seen = np.einsum("fij,fj->fi", rotmat, target - position)
    np.testing.assert_allclose(seen[:, :2], 0, atol=1e-12)
    np.testing.assert_allclose(seen[:, 2], np.linalg.norm(target - position, axis=1))
    np.testing.assert_allclose(rotmat[:, 0, 1], 0, atol=1e-12)  # the horizon is level
    assert (rotmat[:, 1, 1] < 0).all()  # the picture's y points down
    np.testing.assert_allclose(np.linalg.det(rotmat), 1)


def test_what_stands_left_of_a_person_who_faces_the_camera_is_right_in_the_picture():
    """A person at the origin faces +z, the camera stands there: their left hand (+x) appears on the right."""
    rotmat = look_at(np.array([[0.0, 0, 4]]), np.zeros((1, 3)), 0.0)
    camera = CameraPath(rotmat.astype(np.float32), np.float32([[0, 0, 4]]), 500.0, 320)
    np.testing.assert_allclose(camera.to_camera(np.float32([[[0.7, 0.2, 0]]])), [[[0.7, -0.2, 4]]], atol=1e-6)


def test_roll_turns_the_picture():
    level, rolled = (look_at(np.array([[0.0, 0, 4]]), np.zeros((1, 3)), roll)[0] for roll in (0.0, 0.3))
    cos = np.trace(rolled @ level.T) / 2 - 0.5
    assert np.arccos(cos) == pytest.approx(0.3)
    np.testing.assert_allclose(rolled[2], level[2], atol=1e-12)


@pytest.mark.parametrize("turned", [0.05, -0.08])
@pytest.mark.parametrize("raised", [0.0, 0.06])
def test_the_view_moves_against_the_things_in_it(turned, raised):
    """Turning the camera moves a distant thing in the picture by just as much the other way."""
    position = np.zeros((2, 3))
    target = np.array([[0, 0, 1.0], [np.sin(turned), np.tan(raised), np.cos(turned)]])
    camera = CameraPath(
        look_at(position, target, 0.0).astype(np.float32), position.astype(np.float32), 500.0, 320
    )
    far = np.tile(np.float32([[[0, 0, 1e4]]]), (2, 1, 1))
    seen = camera.to_camera(far)[:, 0]
    moved_px = 500 * np.diff(seen[:, :2] / seen[:, 2:], axis=0)[0]
    np.testing.assert_allclose(np.diff(camera.turn_px(background_m=1e9), axis=0)[0], -moved_px, atol=0.5)


def test_walking_past_a_wall_moves_the_view_along_it():
    rotmat = np.tile(look_at(np.zeros((1, 3)), np.array([[0, 0, 1.0]]), 0.0), (2, 1, 1)).astype(np.float32)
    position = np.float32([[0, 0, 0], [0.4, 0, 0]])
    camera = CameraPath(rotmat, position, 500.0, 320)
    wall = camera.to_camera(np.tile(np.float32([[[1, 0, 10]]]), (2, 1, 1)))[:, 0]
    moved_px = 500 * np.diff(wall[:, 0] / wall[:, 2])[0]
    assert np.diff(camera.turn_px(background_m=10.0), axis=0)[0, 0] == pytest.approx(-moved_px, abs=0.01)


def test_the_person_is_filmed():
    """In front of the camera always, in the picture mostly, from all sides, near and far, high and low."""
    cameras = [film(WALK, 320, np.random.default_rng(seed)) for seed in range(150)]
    pelvis = np.stack([camera.to_camera(WALK[:, None])[:, 0] for camera in cameras])
    assert pelvis[..., 2].min() > 1.2
    focal_px = np.array([camera.focal_px for camera in cameras])
    xy_px = focal_px[:, None, None] * pelvis[..., :2] / pelvis[..., 2:] + 160
    inside = ((xy_px > 0) & (xy_px < 320)).all(-1)
    assert 0.9 < inside.mean() < 1
    distances = pelvis[..., 2].mean(1)
    assert distances.min() < 2.6
    assert distances.max() > 6.5
    above = np.array([camera.position_m[0, 1] - WALK[0, 1] for camera in cameras])
    assert above.min() < -0.2
    assert above.max() > 2
    headings = np.array([np.arctan2(camera.rotmat[0, 2, 0], camera.rotmat[0, 2, 2]) for camera in cameras])
    assert np.histogram(headings, 4, (-np.pi, np.pi))[0].min() > 15


def test_the_camera_moves_smoothly_and_stays_a_rotation():
    for seed in range(30):
        rotmat = film(WALK, 320, np.random.default_rng(seed)).rotmat
        np.testing.assert_allclose(
            rotmat @ rotmat.transpose(0, 2, 1), np.tile(np.eye(3), (48, 1, 1)), atol=1e-5
        )
        assert np.linalg.norm(np.diff(rotmat, axis=0), axis=(1, 2)).max() < 0.1
