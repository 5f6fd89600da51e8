import numpy as np
import pytest
import torch

from tcmr.data.sources.captured import Take
from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, indices
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle

ELBOW = indices(SMPL_24, "left_elbow")[0]


def take_of(angles: np.ndarray, fps: float = 120.0) -> Take:
    """Turn the left elbow; walk a metre a second."""
    turns = torch.zeros(len(angles), 24, 3)
    turns[:, ELBOW, 1] = torch.from_numpy(angles)
    pelvis = np.zeros((len(angles), 3), np.float32)
    pelvis[:, 2] = np.arange(len(angles)) / fps
    return Take("a", "s", rotmat_from_axis_angle(turns), pelvis, 0.8, fps)


@pytest.mark.parametrize("fps", [120.0, 100.0, 60.0, 50.0, 30.0])
def test_another_rate_is_the_same_motion_at_other_moments(fps):
    last = 2.0
    take = take_of(2.5 * np.arange(int(last * fps) + 1) / fps, fps).at_rate(60.0)
    assert len(take) == 121
    seconds = np.arange(121) / 60
    angle = axis_angle_from_rotmat(take.rotmat)[:, ELBOW, 1].numpy()
    np.testing.assert_allclose(np.exp(1j * angle), np.exp(2.5j * seconds), atol=1e-4)
    np.testing.assert_allclose(take.pelvis_m[:, 2], seconds, atol=1e-5)


def test_a_calibration_pose_before_the_motion_is_cut_off():
    angles = np.concatenate([[1.5], np.linspace(0, 1, 240)])
    (piece,) = take_of(angles).pieces(1.0)
    assert len(piece) == 240
    assert piece.name == "a"


def test_motion_is_cut_where_it_jumps_and_short_pieces_left_out():
    angles = np.concatenate([np.linspace(0, 1, 200), np.linspace(-1, 0, 100), np.linspace(1, 2, 150)])
    pieces = take_of(angles).pieces(1.0)
    assert [(piece.name, len(piece)) for piece in pieces] == [("a#0", 200), ("a#1", 150)]
    jumping = take_of(np.zeros(300))
    jumping.pelvis_m[100:, 0] += 0.5
    assert [len(piece) for piece in jumping.pieces(0.5)] == [100, 200]


def test_what_is_not_finite_is_refused_with_its_frame():
    with pytest.raises(TcmrError, match="a: the pose of frame 7"):
        take_of(np.where(np.arange(20) == 7, np.nan, 0.0))
