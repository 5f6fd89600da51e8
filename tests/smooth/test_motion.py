from dataclasses import replace

import numpy as np
import pytest
import torch

from tcmr.body.model import BodyModel
from tcmr.errors import TcmrError
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.smooth.gaussian import Gaussian
from tcmr.smooth.motion import FILTERS, smoothed
from tcmr.types import Motion


@pytest.fixture(scope="module")
def motion(open_body: BodyModel) -> Motion:
    """Two stretches of a noisy pose: frames 0 to 9 and 20 to 34."""
    rng = np.random.default_rng(0)
    frames = np.concatenate([np.arange(10), np.arange(20, 35)])
    pose = rng.normal(size=(len(frames), 24, 3)).astype(np.float32) * 0.2
    return Motion(
        rotmat=rotmat_from_axis_angle(torch.from_numpy(pose)).numpy(),
        betas=rng.normal(size=(len(frames), 10)).astype(np.float32),
        camera=rng.normal(size=(len(frames), 3)).astype(np.float32),
        joints_m=np.zeros((len(frames), 24, 3), np.float32),
        attention=np.zeros((len(frames), 3), np.float32),
        frames=frames,
        fps=30.0,
        body=f"open {open_body.sha256}",
        weights="none",
        transl_m=rng.normal(size=(len(frames), 3)).astype(np.float32),
    )


def rows(motion: Motion, part: slice) -> Motion:
    arrays = {name: value[part] for name, value in vars(motion).items() if isinstance(value, np.ndarray)}
    return replace(motion, **arrays)


@pytest.mark.parametrize("name", FILTERS)
def test_nothing_is_filtered_across_a_gap(motion, open_body, name):
    whole = smoothed(motion, name, open_body)
    assert motion.stretches() == [slice(0, 10), slice(10, 25)]
    for stretch in motion.stretches():
        alone = smoothed(rows(motion, stretch), name, open_body)
        np.testing.assert_array_equal(whole.rotmat[stretch], alone.rotmat)
        np.testing.assert_allclose(whole.joints_m[stretch], alone.joints_m, atol=1e-6)


@pytest.mark.parametrize("name", FILTERS)
def test_joints_are_the_filtered_bodys_and_the_rest_stays(motion, open_body, name):
    filtered = smoothed(motion, name, open_body)
    assert np.abs(filtered.rotmat - motion.rotmat).max() > 0.1
    joints = (
        open_body.with_shape(torch.from_numpy(motion.betas))
        .with_pose(torch.from_numpy(filtered.rotmat))
        .joints_m
    )
    np.testing.assert_allclose(filtered.joints_m, joints - joints[:, :1], atol=1e-6)
    for kept in ("betas", "camera", "transl_m", "frames", "attention"):
        np.testing.assert_array_equal(getattr(filtered, kept), getattr(motion, kept))
    assert filtered.rotmat.dtype == filtered.joints_m.dtype == np.float32


def test_the_pelvis_turns_with_the_rest(motion, open_body):
    assert np.abs(smoothed(motion, "gaussian", open_body).rotmat[:, 0] - motion.rotmat[:, 0]).max() > 0.05


def test_no_filter_changes_nothing(motion):
    assert smoothed(motion, "none") is motion


def test_a_filter_with_choices_of_ones_own(motion):
    mild, strong = (smoothed(motion, Gaussian(sigma)).rotmat for sigma in (0.02, 0.2))
    assert np.abs(np.diff(strong[10:], axis=0)).mean() < np.abs(np.diff(mild[10:], axis=0)).mean()


def test_another_body_and_unknown_names_are_refused(motion, open_body):
    with pytest.raises(TcmrError, match="of the body 'another', not of 'open"):
        smoothed(replace(motion, body="another"), "slerp", open_body)
    with pytest.raises(TcmrError, match="no post-filter 'kalman'; there are: none, slerp"):
        smoothed(motion, "kalman")
