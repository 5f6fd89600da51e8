"""Refinement: nothing to correct where nothing was learned, and corrections where landmarks call for them."""

from dataclasses import replace

import pytest
import torch

from tcmr.features.static import StaticInputs
from tcmr.model.refiner import Refiner, RefinerConfig, misfit_of
from tcmr.model.regressor import Estimate
from tcmr.rotations import rotmat_from_axis_angle


@pytest.fixture
def truth_as_estimate(open_body, landmark_points) -> tuple[Estimate, StaticInputs]:
    """Return an estimate in a crop camera and landmarks that are exactly where it has them."""
    generator = torch.Generator().manual_seed(0)
    rotmat = rotmat_from_axis_angle(0.3 * torch.randn(2, 9, 24, 3, generator=generator))
    estimate = Estimate(rotmat, torch.zeros(2, 9, 10), torch.tensor([0.8, 0.05, -0.1]).expand(2, 9, 3))
    on_body = landmark_points.on(open_body.with_shape(estimate.betas).with_pose(rotmat))
    focal = torch.full((2, 9), 3.0)
    hips = on_body[..., [23, 24], :].mean(-2, keepdim=True)
    seen = StaticInputs(
        points=estimate.project(on_body, focal),
        visibility=torch.ones(2, 9, 33),
        world_m=on_body - hips,
        ray_xy=torch.zeros(2, 9, 2),
        focal_crop=focal,
    )
    return estimate, seen


def test_an_untrained_refiner_changes_nothing(truth_as_estimate, open_body, landmark_points):
    estimate, seen = truth_as_estimate
    for refined in Refiner()(estimate, seen, open_body, landmark_points):
        torch.testing.assert_close(refined.rotmat, estimate.rotmat, atol=1e-5, rtol=0)
        torch.testing.assert_close(refined.betas, estimate.betas)
        torch.testing.assert_close(refined.camera, estimate.camera)


def test_a_perfect_estimate_has_no_misfit(truth_as_estimate, open_body, landmark_points):
    estimate, seen = truth_as_estimate
    misfit = misfit_of(estimate, seen, open_body, landmark_points)
    torch.testing.assert_close(misfit, torch.zeros_like(misfit), atol=1e-4, rtol=0)


def test_one_landmark_astray_is_one_misfit(truth_as_estimate, open_body, landmark_points):
    estimate, seen = truth_as_estimate
    points = seen.points.clone()
    points[1, 4, 15, 0] += 0.02
    misfit = misfit_of(estimate, replace(seen, points=points), open_body, landmark_points)
    astray = misfit.abs() > 1e-3
    assert astray.nonzero().tolist() == [[1, 4, 2 * 15]]
    assert misfit[1, 4, 30] == pytest.approx(torch.asinh(torch.tensor(0.4)).item(), abs=1e-3)


def test_a_correction_reaches_as_far_as_it_says(truth_as_estimate, open_body, landmark_points):
    estimate, seen = truth_as_estimate
    torch.manual_seed(0)
    refiner = Refiner(RefinerConfig(hidden_size=8, layers=1, kernel=3, rounds=2))
    torch.nn.init.normal_(refiner.leave.weight, std=0.01)
    points = seen.points.clone()
    points[0, 4] += 0.1
    before = refiner(estimate, seen, open_body, landmark_points)[-1].rotmat
    after = refiner(estimate, replace(seen, points=points), open_body, landmark_points)[-1].rotmat
    moved = (after - before).abs().amax((-1, -2, -3))[0] > 1e-7
    assert refiner.reach == 2
    assert moved.nonzero().flatten().tolist() == [2, 3, 4, 5, 6]


def test_it_learns_to_undo_a_wrong_shift(truth_as_estimate, open_body, landmark_points):
    estimate, seen = truth_as_estimate
    torch.manual_seed(0)
    refiner = Refiner(RefinerConfig(hidden_size=32, layers=1, rounds=1))
    wrong = replace(estimate, camera=estimate.camera + torch.tensor([0.0, 0.1, 0.0]))
    optimiser = torch.optim.Adam(refiner.parameters(), 1e-2)
    for _ in range(30):
        (refined,) = refiner(wrong, seen, open_body, landmark_points)
        loss = (refined.camera - estimate.camera).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.01
