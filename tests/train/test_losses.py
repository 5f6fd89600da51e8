"""Loss terms: zero at the truth, and what a known error must cost."""

import math
from dataclasses import replace

import pytest
import torch

from tcmr.camera import project_in_crop
from tcmr.data.crops import CropTruth, crop_clips
from tcmr.joints import SMPL_24, indices
from tcmr.model.regressor import Estimate
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.train.losses import UNSURE, LossWeights, OpenLoss, distance, relative


@pytest.fixture(scope="module")
def loss(open_body, landmark_points) -> OpenLoss:
    return OpenLoss(open_body, landmark_points, LossWeights())


@pytest.fixture(scope="module")
def truth(exact_clips, open_body, landmark_points) -> CropTruth:
    return crop_clips(exact_clips(), open_body, landmark_points)[1]


@pytest.fixture(scope="module")
def perfect(truth, open_body) -> Estimate:
    """Return the estimate that says just what is there."""
    shaped = open_body.with_shape(truth.betas)
    translation = truth.joints_m[..., 0, :] - shaped.joints_m[..., 0, :]
    camera = torch.cat([truth.focal_crop[..., None] / translation[..., 2:], translation[..., :2]], -1)
    return Estimate(truth.rotmat, truth.betas, camera)


def test_the_truth_costs_nothing(loss, perfect, truth):
    for name, term in loss.terms(perfect, truth).items():
        assert term.item() == pytest.approx(0, abs=1e-4), name
    assert loss.velocity(perfect, truth).item() == pytest.approx(0, abs=1e-5)
    measured = loss.acceleration(perfect, truth)
    assert measured["acceleration"].item() == pytest.approx(0, abs=1e-5)
    assert measured["speed_kept"].item() == pytest.approx(1, abs=1e-4)


def test_a_shape_error_costs_its_mean_square(loss, perfect, truth):
    wrong = replace(perfect, betas=perfect.betas + 0.5)
    assert loss.terms(wrong, truth)["shape"].item() == pytest.approx(0.25, rel=1e-5)


@pytest.mark.parametrize(("name", "share"), [("left_knee", 1.0), ("left_wrist", 0.2)])
def test_a_turned_joint_costs_its_squared_matrix_distance(loss, perfect, truth, name, share):
    """Rotations an angle apart differ by 8 sin^2(angle / 2); it is the mean over 24 joints."""
    angle, joint = 0.6, indices(SMPL_24, name)[0]
    rotmat = perfect.rotmat.clone()
    rotmat[..., joint, :, :] @= rotmat_from_axis_angle(torch.tensor([angle, 0.0, 0.0]))
    cost = loss.terms(replace(perfect, rotmat=rotmat), truth)["pose"].item()
    assert (joint in UNSURE) == (share < 1)
    assert cost == pytest.approx(share * 8 * math.sin(angle / 2) ** 2 / 24, rel=1e-4)


def test_a_turned_root_costs_chords(loss, perfect, truth):
    """A joint at a distance r from the axis is off by 2 r sin(angle / 2)."""
    angle = 0.4
    turn = rotmat_from_axis_angle(torch.tensor([0.0, angle, 0.0]))
    rotmat = torch.cat([turn @ perfect.rotmat[..., :1, :, :], perfect.rotmat[..., 1:, :, :]], -3)
    terms = loss.terms(replace(perfect, rotmat=rotmat), truth)
    from_axis = (truth.joints_m - truth.joints_m[..., :1, :])[..., [0, 2]].norm(dim=-1)
    assert terms["joints"].item() == pytest.approx(
        2 * math.sin(angle / 2) * from_axis.mean().item(), rel=1e-3
    )
    from_axis = relative(truth.points_m, [23, 24])[..., [0, 2]].norm(dim=-1)
    assert terms["points"].item() == pytest.approx(
        2 * math.sin(angle / 2) * from_axis.mean().item(), rel=1e-3
    )


def test_a_shifted_camera_costs_in_the_image_only(loss, perfect, truth):
    shift = torch.tensor([0.0, 0.3, -0.1])
    shifted = replace(perfect, camera=perfect.camera + shift)
    before, after = loss.terms(perfect, truth), loss.terms(shifted, truth)
    for name in ("joints", "points", "pose", "shape"):
        torch.testing.assert_close(after[name], before[name])
    depth = truth.points_m[..., 2]
    moved = truth.focal_crop[..., None] * shift.norm() / depth
    assert after["image"].item() == pytest.approx(moved.mean().item(), rel=1e-3)


def test_a_camera_behind_the_person_is_held_in_front(loss, perfect, truth, open_body, landmark_points):
    behind = replace(perfect, camera=perfect.camera * torch.tensor([-1.0, 1.0, 1.0]))
    points = landmark_points.on(open_body.with_shape(truth.betas).with_pose(truth.rotmat))
    held = torch.cat([torch.full_like(perfect.camera[..., :1], 0.1), perfect.camera[..., 1:]], -1)
    expected = distance(project_in_crop(points, held, truth.focal_crop), truth.points)
    torch.testing.assert_close(loss.terms(behind, truth)["image"], expected)


def test_standing_still_costs_the_true_velocity(loss, perfect, truth):
    still = Estimate(
        *(getattr(perfect, name)[:, :1].expand_as(getattr(perfect, name)) for name in vars(perfect))
    )
    velocity = relative(truth.points_m, [23, 24]).diff(dim=1)
    assert loss.velocity(still, truth).item() == pytest.approx(velocity.norm(dim=-1).mean().item(), rel=1e-3)
    measured = loss.acceleration(still, truth)
    assert measured["speed_kept"].item() == pytest.approx(0, abs=1e-4)
    assert measured["acceleration"].item() == pytest.approx(
        velocity.diff(dim=1).norm(dim=-1).mean().item(), rel=1e-3
    )


def test_the_total_is_weighted(loss):
    terms = {name: torch.tensor(float(place)) for place, name in enumerate(vars(LossWeights()), 1)}
    weights = LossWeights()
    expected = weights.joints + 2 * weights.points + 3 * weights.pose + 4 * weights.shape + 5 * weights.image
    assert loss.total(terms).item() == pytest.approx(expected)


def test_gradients_at_the_truth_are_finite(loss, perfect, truth):
    """Distances have no slope at zero; a NaN there would end a training run."""
    leaves = Estimate(*(getattr(perfect, name).clone().requires_grad_() for name in vars(perfect)))
    (loss.total(loss.terms(leaves, truth)) + loss.velocity(leaves, truth)).backward()
    for name in vars(leaves):
        assert getattr(leaves, name).grad.isfinite().all(), name


def test_distance_and_relative():
    a = torch.tensor([[3.0, 4.0, 0.0], [0.0, 0.0, 2.0]])
    assert distance(a, torch.zeros(2, 3)).item() == pytest.approx(3.5)
    torch.testing.assert_close(relative(a, [0, 1]), a - torch.tensor([1.5, 2.0, 1.0]))
