"""The limb joints of a moving body, against a plain chain of scipy rotations."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.load import load_body
from tcmr.evaluate.metrics import root_relative
from tcmr.evaluate.prediction import body_prediction
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, SMPL_PARENTS, indices
from tcmr.types import Motion

FRAMES = 4


@pytest.fixture(scope="module")
def body():
    return load_body("open")


@pytest.fixture
def motion() -> Motion:
    rng = np.random.default_rng(0)
    rotvec = rng.normal(size=(FRAMES * 24, 3)) * 0.4
    rotmat = Rotation.from_rotvec(rotvec).as_matrix().reshape(FRAMES, 24, 3, 3)
    return Motion(
        rotmat=rotmat.astype(np.float32),
        betas=rng.normal(size=(FRAMES, 10)).astype(np.float32),
        camera=np.ones((FRAMES, 3), np.float32),
        joints_m=np.zeros((FRAMES, 24, 3), np.float32),
        attention=np.full((FRAMES, 3), 1 / 3, np.float32),
        frames=np.arange(FRAMES),
        fps=30.0,
        body="open",
        weights="none",
        transl_m=rng.normal(size=(FRAMES, 3)).astype(np.float32),
    )


def test_limbs_are_joints_plus_turned_offsets_at_the_pelvis(body, motion):
    limbs = body_prediction(motion, body)
    points = LandmarkPoints.load()
    rows = indices(BLAZEPOSE_33, LIMBS_12)
    for frame in range(FRAMES):
        rest = body.with_shape(body.template_m.new_tensor(motion.betas[frame])).joints_m.numpy()
        turns, places = [], []
        for joint, parent in enumerate(SMPL_PARENTS):
            own = Rotation.from_matrix(motion.rotmat[frame, joint])
            turns.append(own if parent < 0 else turns[parent] * own)
            bone = rest[joint] - rest[parent]
            places.append(
                motion.transl_m[frame] if parent < 0 else places[parent] + turns[parent].apply(bone)
            )
        expected = [
            places[points.anchors[row]] + turns[points.carriers[row]].apply(points.offsets_m[row].numpy())
            for row in rows
        ]
        np.testing.assert_allclose(limbs.joints_m[frame], expected, atol=1e-5)


def test_without_a_video_the_pose_is_the_same_but_not_placed(body, motion):
    placed = body_prediction(motion, body)
    floating = body_prediction(replace(motion, transl_m=None), body)
    assert placed.placed
    assert not floating.placed
    np.testing.assert_allclose(root_relative(floating.joints_m), root_relative(placed.joints_m), atol=1e-5)
