from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from tcmr.export.axes import Y_UP_FROM_CAMERA
from tcmr.view.performer import QUATERNION_UNIT, performers
from tcmr.world.axes import turned
from tcmr.world.gravity import levelled


def test_a_tilted_camera_is_set_upright_and_feet_on_the_floor(make_motion, body):
    tilt = np.deg2rad(20)
    down = np.array([0, np.cos(tilt), np.sin(tilt)])
    upright = make_motion(1)
    # `levelled` with the inverse tilt: the world as a camera sees it that looks 20 degrees down.
    seen = levelled(upright, down * [1, 1, -1])
    (performer,) = performers([seen], body)
    up_in_camera = np.linalg.inv(performer.level[:3, :3]) @ [0, 1, 0]
    true_up = -(Y_UP_FROM_CAMERA @ down)
    assert np.rad2deg(np.arccos(up_in_camera @ true_up)) < 6  # the waver's standing leg bends
    assert np.linalg.det(performer.level[:3, :3]) == pytest.approx(1, abs=1e-5)
    posed = body.with_shape(torch.zeros(10)).with_pose_at(
        torch.from_numpy(seen.rotmat), torch.from_numpy(performer.steady.transl_m)
    )
    world = posed.vertices().numpy() @ Y_UP_FROM_CAMERA.T @ performer.level[:3, :3].T + performer.level[:3, 3]
    assert abs(np.median(world[..., 1].min(1))) < 0.05


def test_arrays_have_a_row_for_every_frame_and_rotations_survive_whole_numbers(make_motion, body):
    frames = np.r_[3:9, 12:20]
    motion = make_motion(2, frames)
    (performer,) = performers([motion], body)
    arrays = performer.arrays()
    assert {
        len(arrays[name]) for name in ("quaternions", "pelvis", "path", "seen", "speed", "attention")
    } == {17}
    np.testing.assert_array_equal(np.flatnonzero(arrays["seen"]) + 3, frames)
    assert np.isnan(arrays["attention"][6:9]).all()
    lengths = np.linalg.norm(arrays["quaternions"] / QUATERNION_UNIT, axis=-1)
    np.testing.assert_allclose(lengths, 1, atol=1e-4)
    about = performer.about("0/2")
    assert about["first_frame"] == 3
    assert about["path_m"] == pytest.approx(0.4 * (5 + 7) / 20, rel=0.05)  # 0.4 m/s, not over the gap


def test_whom_the_camera_follows_round_moves_in_the_world_as_if_it_had_stood_still(make_motion, body):
    motion = make_motion(1)
    turns = Rotation.from_rotvec(np.outer(np.linspace(0, 1, len(motion)), [0.1, -1.2, 0]))
    back = turned(motion, turns.inv().as_matrix().astype(np.float32))
    seen = replace(back, camera_rotmat=turns.as_matrix().astype(np.float32))
    (still,), (followed,) = performers([motion], body), performers([seen], body)
    np.testing.assert_allclose(followed.level, still.level, atol=1e-3)
    for name, step in (("path", 1e-3), ("path_quaternions", 40), ("speed", 1e-3), ("acceleration", 1e-2)):
        np.testing.assert_allclose(followed.arrays()[name], still.arrays()[name], atol=step)
    assert np.abs(followed.arrays()["quaternions"][-1, 0] - still.arrays()["quaternions"][-1, 0]).max() > 1000


def test_each_shot_has_an_up_of_its_own(make_motion, body):
    over = np.diag([-1.0, -1.0, 1.0]).astype(np.float32)
    first, second = make_motion(1), replace(turned(make_motion(2), over), shot=50)
    together = performers([first, second], body)
    for performer, motion in zip(together, (first, second), strict=True):
        np.testing.assert_array_equal(performer.level, performers([motion], body)[0].level)
