"""Against numbers of the released code (tests/parity)."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.rotations import rotmat_from_axis_angle
from tcmr.smooth.slerp import SlerpAverage

PARITY = Path(__file__).parents[1] / "parity"


@pytest.fixture(scope="module")
def released() -> dict[str, np.ndarray]:
    return dict(np.load(PARITY / "slerp.npz"))


@pytest.mark.parametrize(("ratio", "expected"), [(0.3, "harsh_out"), (0.7, "harsh_out_ratio07")])
def test_steps_of_up_to_a_half_turn_are_filtered_as_released(released, ratio, expected):
    filtered = SlerpAverage(ratio)(torch.from_numpy(released["harsh_in"]).double(), 30.0)
    np.testing.assert_allclose(filtered, released[expected], atol=2e-5)


def test_the_models_rotations_are_filtered_as_released(released):
    pose = np.load(PARITY / "tcmr_seq40.npz")["theta"][:, 3:75].reshape(40, 24, 3)
    filtered = SlerpAverage()(rotmat_from_axis_angle(torch.from_numpy(pose).double()), 30.0)
    np.testing.assert_allclose(filtered, released["model_rotmat_out"], atol=2e-5)
