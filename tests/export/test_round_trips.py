"""Every format, read by somebody else's reader, has every joint where ours is, in every frame, to 1 mm."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from export import readers
from tcmr.export import export_motions
from tcmr.export.animation import Animation

TOLERANCE_M = 1e-3
Y_UP_FROM_Z_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])  # of row vectors
READERS = {
    "glb": readers.read_glb,
    "bvh": readers.read_bvh,
    "usd": readers.read_usd,
    "csv": readers.read_csv,
    "trc": readers.read_trc,
}


def assert_joints(found_m, expected_m):
    assert found_m.shape == expected_m.shape
    assert np.linalg.norm(found_m - expected_m, axis=-1).max() < TOLERANCE_M


def posed_by(library, poses, betas, trans) -> np.ndarray:
    """Pose the body with the body-models library, from parameters as a file has them."""
    transforms = library.forward_skeleton(
        torch.from_numpy(poses[:, 1:]).float(),
        pelvis_rotation=torch.from_numpy(poses[:, 0]).float(),
        shape=torch.from_numpy(np.broadcast_to(betas, (len(poses), 10)).copy()).float(),
        global_translation=torch.from_numpy(trans).float(),
    )
    return transforms[..., :3, 3].numpy()


@pytest.mark.parametrize("suffix", READERS)
def test_joints_come_back(suffix, motion, seen_rows, expected, tmp_path):
    path = tmp_path / f"motion.{suffix}"
    export_motions(motion, path)
    found_m = READERS[suffix](path)
    assert len(found_m) == motion.frames[-1] - motion.frames[0] + 1
    assert_joints(found_m[seen_rows], expected(motion))
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_smpl_parameters_pose_another_librarys_body(motion, seen_rows, expected, library, tmp_path):
    path = tmp_path / "motion.smpl"
    export_motions(motion, path)
    found_m = posed_by(library, *readers.smpl_parameters(path))
    assert_joints(found_m[seen_rows], expected(motion))


def test_amass_parameters_pose_another_librarys_body(motion, seen_rows, expected, library, tmp_path):
    path = tmp_path / "motion.npz"
    export_motions(motion, path)
    found_m = posed_by(library, *readers.amass_parameters(path))
    assert_joints(found_m[seen_rows] @ Y_UP_FROM_Z_UP, expected(motion))


def test_amass_parameters_can_keep_each_frames_shape(motion, seen_rows, expected, library, tmp_path):
    path = tmp_path / "motion.npz"
    export_motions(motion, path, shape="per-frame")
    with np.load(path) as arrays:
        poses, betas, trans = arrays["poses"].reshape(-1, 52, 3), arrays["betas"], arrays["trans"]
    poses = np.concatenate([poses[:, :22], np.zeros_like(poses[:, :2])], 1)
    found_m = posed_by(library, poses, betas, trans)
    assert_joints(found_m[seen_rows] @ Y_UP_FROM_Z_UP, expected(motion, motion.betas))


@pytest.mark.parametrize("suffix", ["csv", "trc"])
def test_a_table_of_joints_can_keep_each_frames_shape(suffix, motion, seen_rows, expected, tmp_path):
    path = tmp_path / f"motion.{suffix}"
    export_motions(motion, path, shape="per-frame")
    assert_joints(READERS[suffix](path)[seen_rows], expected(motion, motion.betas))


@pytest.mark.parametrize("suffix", READERS)
def test_frames_in_which_nobody_was_seen_lie_between(suffix, motion, seen_rows, tmp_path):
    path = tmp_path / f"motion.{suffix}"
    export_motions(motion, path)
    pelvis_m = READERS[suffix](path)[:, 0]
    rows = np.arange(len(pelvis_m))
    for axis in range(3):
        between = np.interp(rows, seen_rows, pelvis_m[seen_rows, axis])
        np.testing.assert_allclose(pelvis_m[:, axis], between, atol=TOLERANCE_M)


def test_one_frame_is_a_file_of_one_frame(motion_of, expected, tmp_path):
    motion = motion_of(frames=np.array([7]))
    for suffix, read in READERS.items():
        export_motions(motion, tmp_path / f"one.{suffix}")
        assert_joints(read(tmp_path / f"one.{suffix}"), expected(motion))


def test_a_motion_without_a_place_stays_at_the_origin(motion, open_body):
    animation = Animation.of(replace(motion, transl_m=None), open_body, "person-1")
    assert (animation.joints_m()[:, 0] == 0).all()
