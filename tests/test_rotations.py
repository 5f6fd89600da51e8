"""Rotations against scipy and the released code's numbers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from tcmr.rotations import (
    axis_angle_from_rotmat,
    is_rotation,
    rot6d_from_rotmat,
    rotmat_between,
    rotmat_from_6d,
    rotmat_from_axis_angle,
)

seeds = st.integers(0, 2**31)


@pytest.fixture(scope="module")
def released() -> dict[str, torch.Tensor]:
    with np.load(Path(__file__).parent / "parity" / "geometry.npz") as arrays:
        return {name: torch.from_numpy(array) for name, array in arrays.items()}


def random_rotations(seed: int, count: int = 50) -> Rotation:
    return Rotation.random(count, rng=np.random.default_rng(seed))


@given(seeds)
def test_axis_angle_and_back_are_scipys(seed):
    rotations = random_rotations(seed)
    rotmat = torch.from_numpy(rotations.as_matrix())
    axis_angle = torch.from_numpy(rotations.as_rotvec())
    torch.testing.assert_close(rotmat_from_axis_angle(axis_angle), rotmat)
    torch.testing.assert_close(axis_angle_from_rotmat(rotmat), axis_angle, atol=1e-6, rtol=1e-6)


def test_axis_angle_to_matrix_is_the_released_codes(released):
    torch.testing.assert_close(
        rotmat_from_axis_angle(released["aa"]), released["rodrigues"], atol=2e-5, rtol=0
    )


def test_matrix_to_axis_angle_is_the_released_codes_rotation(released):
    """Half turns have two axes, so compare what the axis-angles do."""
    ours = axis_angle_from_rotmat(released["rodrigues"])
    assert ours.isfinite().all()
    assert (ours.norm(dim=-1) <= np.pi + 1e-5).all()
    torch.testing.assert_close(
        rotmat_from_axis_angle(ours), rotmat_from_axis_angle(released["aa_back"]), atol=1e-4, rtol=0
    )


def test_half_turns_keep_their_axis_and_singular_matrices_stay_finite(released):
    matrices = released["special"]
    ours = axis_angle_from_rotmat(matrices)
    assert ours[matrices.isfinite().all((-1, -2))].isfinite().all()
    proper = matrices.det() > 0
    assert proper.sum() == 4
    torch.testing.assert_close(rotmat_from_axis_angle(ours[proper]), matrices[proper], atol=1e-4, rtol=0)


def test_6d_to_matrix_is_the_released_codes_even_for_zero(released):
    """Of parallel vectors rounding alone decides the second column: they need only be finite."""
    rot6d, expected = released["sixd"], released["sixd_rotmat"]
    columns = rot6d.unflatten(-1, (3, 2))
    area = torch.linalg.cross(columns[..., 0], columns[..., 1]).norm(dim=-1)
    parallel = (area < 1e-5) & (rot6d.norm(dim=-1) > 0)
    assert parallel.sum() == 1
    torch.testing.assert_close(rotmat_from_6d(rot6d[~parallel]), expected[~parallel], atol=2e-5, rtol=0)
    assert rotmat_from_6d(rot6d[parallel]).isfinite().all()


def test_6d_that_stands_for_no_rotation_is_told(released):
    """The released code makes some rotation or other of it, without a word."""
    rot6d = released["sixd"]
    columns = rot6d.unflatten(-1, (3, 2))
    area = torch.linalg.cross(columns[..., 0], columns[..., 1]).norm(dim=-1)
    degenerate = area < 1e-5
    assert degenerate.sum() == 2
    assert torch.equal(is_rotation(rotmat_from_6d(rot6d)), ~degenerate)
    assert not is_rotation(torch.full((3, 3), torch.nan))
    assert not is_rotation(torch.diag(torch.tensor([1.0, 1.0, -1.0])))


@given(seeds)
def test_any_6d_vector_gives_a_rotation_and_rotations_survive_6d(seed):
    rot6d = torch.from_numpy(np.random.default_rng(seed).normal(size=(20, 6)))
    rotmat = rotmat_from_6d(rot6d)
    eye = torch.eye(3, dtype=torch.float64).expand(20, 3, 3)
    torch.testing.assert_close(rotmat @ rotmat.mT, eye)
    torch.testing.assert_close(rotmat.det(), torch.ones(20).double())
    torch.testing.assert_close(rotmat_from_6d(rot6d_from_rotmat(rotmat)), rotmat)


def test_6d_goes_row_by_row_through_the_first_two_columns():
    rotmat = torch.arange(9.0).reshape(3, 3)
    assert rot6d_from_rotmat(rotmat).tolist() == [0, 1, 3, 4, 6, 7]


@given(seeds)
def test_the_rotation_between_directions_is_the_smallest(seed):
    start, end = np.random.default_rng(seed).normal(size=(2, 20, 3))
    start /= np.linalg.norm(start, axis=-1, keepdims=True)
    end /= np.linalg.norm(end, axis=-1, keepdims=True)
    cosine = (start * end).sum(-1)
    start, end, cosine = start[cosine > -0.99], end[cosine > -0.99], cosine[cosine > -0.99]
    rotmat = rotmat_between(torch.from_numpy(start), torch.from_numpy(end)).numpy()
    np.testing.assert_allclose((rotmat @ start[..., None])[..., 0], end, atol=1e-9)
    np.testing.assert_allclose(Rotation.from_matrix(rotmat).magnitude(), np.arccos(cosine), atol=1e-6)


def test_axis_angle_gradients_are_finite_at_rest():
    axis_angle = torch.zeros(24, 3, requires_grad=True)
    axis_angle_from_rotmat(rotmat_from_axis_angle(axis_angle)).sum().backward()
    assert axis_angle.grad.isfinite().all()
