"""The motion discriminator: what it looks at, and what its losses pull it and the network to."""

import pytest
import torch

from tcmr.rotations import rotmat_from_axis_angle
from tcmr.train.discriminator import MotionDiscriminator, body_pose_of, distance_to, frozen


def test_the_pelvis_does_not_count():
    """A motion is as natural whichever way the person faces."""
    pose = 0.3 * torch.randn(2, 6, 24, 3)
    turned = pose.clone()
    turned[:, :, 0] = torch.randn(2, 6, 3)
    body = body_pose_of(rotmat_from_axis_angle(pose))
    torch.testing.assert_close(body, pose[:, :, 1:].flatten(2))
    torch.testing.assert_close(body, body_pose_of(rotmat_from_axis_angle(turned)))


@pytest.mark.parametrize("frames", [1, 6, 16])
def test_a_motion_of_any_length_has_one_score(frames):
    torch.manual_seed(0)
    discriminator = MotionDiscriminator(hidden_size=8).eval()
    motions = torch.randn(3, frames, 69)
    scores = discriminator(motions)
    assert scores.shape == (3,)
    torch.testing.assert_close(discriminator(motions[1:2]), scores[1:2])


def test_the_order_of_frames_counts():
    torch.manual_seed(0)
    discriminator = MotionDiscriminator(hidden_size=8).eval()
    motion = torch.randn(1, 10, 69)
    assert (discriminator(motion) - discriminator(motion.flip(1))).abs() > 1e-4


def test_distances_are_least_squares():
    assert distance_to(1.0, torch.tensor([1.0, 0.0, 3.0])).value() == pytest.approx(5 / 3)


def test_gradients_pass_through_a_frozen_network_and_not_into_it():
    discriminator = MotionDiscriminator(hidden_size=8)
    motion = torch.randn(2, 5, 69, requires_grad=True)
    with frozen(discriminator):
        distance_to(1.0, discriminator(motion)).value().backward()
    assert motion.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in discriminator.parameters())
    assert all(parameter.requires_grad for parameter in discriminator.parameters())


def test_it_learns_to_tell_jerky_motion_from_smooth():
    torch.manual_seed(0)
    discriminator = MotionDiscriminator(hidden_size=16, dropout=0.0)
    adam = torch.optim.Adam(discriminator.parameters(), 3e-3)

    def motions() -> tuple[torch.Tensor, torch.Tensor]:
        smooth = torch.linspace(0, 1, 8)[:, None] * torch.randn(32, 1, 69)
        return smooth, smooth + 0.5 * torch.randn(32, 8, 69)

    for _ in range(60):
        smooth, jerky = motions()
        loss = (
            distance_to(1.0, discriminator(smooth)).value() + distance_to(0.0, discriminator(jerky)).value()
        )
        adam.zero_grad()
        loss.backward()
        adam.step()
    smooth, jerky = motions()
    assert (discriminator(smooth) > discriminator(jerky).mean()).float().mean() > 0.9
