"""TCMR whole against the released code's numbers: 80 million seeded parameters under the released names."""

import pytest
import torch

from tcmr.camera import project_in_crop
from tcmr.model.regressor import Estimate
from tcmr.model.tcmr import TCMR, TCMRConfig
from tcmr.model.windows import window_indices
from tcmr.rotations import rotmat_from_axis_angle

CLOSE = {"atol": 2e-5, "rtol": 0}


def assert_is(estimate: Estimate, theta: torch.Tensor, rotmat: torch.Tensor | None = None) -> None:
    """Compare with the released code's 85 numbers: camera 3, pose 72, shape 10."""
    torch.testing.assert_close(estimate.camera, theta[..., :3], **CLOSE)
    torch.testing.assert_close(estimate.betas, theta[..., 75:], **CLOSE)
    turned = rotmat_from_axis_angle(theta[..., 3:75].unflatten(-1, (24, 3)))
    torch.testing.assert_close(estimate.rotmat, turned, atol=1e-4, rtol=0)
    if rotmat is not None:
        torch.testing.assert_close(estimate.rotmat, rotmat, **CLOSE)


def test_evaluation_is_the_released_codes(full_size, windows, released):
    estimate, attention = full_size(windows)
    assert_is(estimate, released["eval_theta"], released["eval_rotmat"])
    torch.testing.assert_close(attention, released["eval_scores"], **CLOSE)
    projected = project_in_crop(released["eval_kp_3d"], estimate.camera)
    torch.testing.assert_close(projected, released["eval_kp_2d"], **CLOSE)


def test_training_outputs_are_the_released_codes(full_size, windows, released):
    outputs = full_size.forward_training(windows)
    for place, branch in enumerate((outputs.past, outputs.future, outputs.integrated)):
        assert_is(branch, released["train_theta"][:, place], released["train_rotmat"][:, place])


def test_a_frame_repeated_is_the_released_codes(full_size, windows, released):
    estimate, attention = full_size(windows[:, 3:4].expand(-1, 16, -1))
    assert_is(estimate, released["static_theta"])
    torch.testing.assert_close(attention, released["static_scores"], **CLOSE)


def test_a_clip_of_forty_frames_is_the_released_codes_frame_by_frame(full_size, sequence, released_sequence):
    """Eight repeated first frames, twenty-five sliding windows, seven repeated last frames."""
    estimate, attention = full_size(sequence[0][window_indices(40, edges="static")])
    assert_is(estimate, released_sequence["theta"])
    torch.testing.assert_close(attention, released_sequence["scores"], **CLOSE)


def test_the_papers_size_is_the_default(full_size):
    assert full_size.describe() == {
        "feature_size": 2048,
        "hidden_size": 1024,
        "layers": 2,
        "window": 16,
        "regressor_size": 1024,
        "dropout": 0.5,
    }


@pytest.mark.parametrize("layers", [1, 3])
def test_other_sizes_work(layers):
    config = TCMRConfig(feature_size=6, hidden_size=5, layers=layers, window=8, regressor_size=4)
    estimate, attention = TCMR(config).eval()(torch.randn(3, 8, 6))
    assert estimate.rotmat.shape == (3, 24, 3, 3)
    assert attention.shape == (3, 3)


def test_training_sequences_are_training_windows(small):
    static = torch.randn(2, 18, 12)
    whole = small.forward_training_sequence(static)
    parts = small.forward_training(static.unfold(1, 16, 1).transpose(-1, -2).flatten(0, 1))
    for name in ("past", "future", "integrated"):
        ours, theirs = getattr(whole, name), getattr(parts, name)
        torch.testing.assert_close(ours.betas.flatten(0, 1), theirs.betas, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(ours.rotmat.flatten(0, 1), theirs.rotmat, atol=1e-4, rtol=1e-4)
