import numpy as np
import pytest

from tcmr.features.heatmap import refine


def heatmap_of(column: float, row: float, strength: float) -> np.ndarray:
    """Logits of a narrow peak whose centroid is (column, row), in cells."""
    y, x = np.mgrid[:64, :64]
    belief = strength * np.exp(-((x - column) ** 2 + (y - row) ** 2) / 2)
    belief = np.clip(belief, 1e-7, 1 - 1e-7)
    return np.log(belief / (1 - belief)).astype(np.float32)[:, :, None]


@pytest.mark.parametrize("peak", [(20.0, 30.0), (20.4, 29.7), (3.0, 60.0)])
def test_a_point_goes_to_the_peak_beside_it(peak):
    rough = np.array([peak], np.float32) / 64 + 0.4 / 64
    np.testing.assert_allclose(refine(rough, heatmap_of(*peak, 0.9)) * 64, [peak], atol=0.1)


def test_a_faint_peak_moves_nothing():
    rough = np.array([[20.6, 30.2]], np.float32) / 64
    np.testing.assert_array_equal(refine(rough, heatmap_of(20, 30, 0.4)), rough)


def test_a_point_outside_stays():
    outside = np.array([[-0.3, 0.5], [0.5, 1.2]], np.float32)
    np.testing.assert_array_equal(refine(outside, heatmap_of(20, 30, 0.9).repeat(2, 2)), outside)
