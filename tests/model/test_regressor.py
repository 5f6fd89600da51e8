"""The iterative regressor: rounds, mean parameters, axes."""

import pytest
import torch

from tcmr.model.regressor import POSE_SIZE, Regressor
from tcmr.rotations import rot6d_from_rotmat


@pytest.fixture
def regressor() -> Regressor:
    torch.manual_seed(0)
    return Regressor(feature_size=7, hidden_size=9).eval()


def silence(regressor: Regressor) -> None:
    for head in (regressor.decpose, regressor.decshape, regressor.deccam):
        head.weight.data.zero_()
        head.bias.data.zero_()


def test_without_corrections_it_gives_the_mean_parameters(regressor):
    silence(regressor)
    regressor.init_shape.fill_(0.5)
    estimate = regressor(torch.randn(4, 7))
    torch.testing.assert_close(estimate.rotmat, torch.eye(3).expand(4, 24, 3, 3))
    torch.testing.assert_close(estimate.betas, torch.full((4, 10), 0.5))
    torch.testing.assert_close(estimate.camera, torch.tensor([0.9, 0.0, 0.0]).expand(4, 3))


def test_a_constant_correction_counts_once_a_round(regressor):
    silence(regressor)
    regressor.decshape.bias.data.fill_(0.25)
    regressor.deccam.bias.data = torch.tensor([0.1, 0.2, 0.3])
    regressor.decpose.bias.data[1] = 0.5  # the second column's x of the first joint
    estimate = regressor(torch.randn(7))
    torch.testing.assert_close(estimate.betas, torch.full((10,), 0.75))
    torch.testing.assert_close(estimate.camera, torch.tensor([1.2, 0.6, 0.9]))
    torch.testing.assert_close(estimate.rotmat[0], torch.eye(3))  # Gram-Schmidt takes the shear away


def test_each_round_sees_the_parameters_of_the_round_before(regressor):
    """Written out by hand: linear layers on (feature, pose, shape, camera), no activation between them."""
    feature = torch.randn(2, 7)
    pose = regressor.init_pose.expand(2, -1)
    shape = regressor.init_shape.expand(2, -1)
    camera = regressor.init_cam.expand(2, -1)
    for _ in range(3):
        state = regressor.fc2(regressor.fc1(torch.cat([feature, pose, shape, camera], 1)))
        pose = pose + regressor.decpose(state)
        shape = shape + regressor.decshape(state)
        camera = camera + regressor.deccam(state)
    estimate = regressor(feature)
    torch.testing.assert_close(estimate.betas, shape)
    torch.testing.assert_close(estimate.camera, camera)
    first_column = torch.nn.functional.normalize(pose.reshape(2, 24, 3, 2)[..., 0], dim=-1)
    torch.testing.assert_close(estimate.rotmat[..., 0], first_column)


def test_leading_axes_are_free(regressor):
    features = torch.randn(2, 3, 5, 7)
    whole = regressor(features)
    assert whole.rotmat.shape == (2, 3, 5, 24, 3, 3)
    torch.testing.assert_close(whole.betas[1, 2], regressor(features[1, 2]).betas)
    torch.testing.assert_close(whole.camera[0, 0, 0], regressor(features[0, 0, 0]).camera)


def test_dropout_works_in_training_only(regressor):
    feature = torch.randn(1, 7).expand(64, 7)
    assert regressor(feature).betas.std(0).max() < 1e-6
    assert regressor.train()(feature).betas.std(0).max() > 1e-4


def test_mean_parameters_travel_with_the_weights(regressor):
    assert {"init_pose", "init_shape", "init_cam"} <= set(regressor.state_dict())
    assert regressor.init_pose.shape == (1, POSE_SIZE)
    torch.testing.assert_close(rot6d_from_rotmat(torch.eye(3)), regressor.init_pose[0, :6])
