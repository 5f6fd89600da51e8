"""The released model's sizes with seeded tensors, and a small one for everything that size does not change."""

from pathlib import Path

import numpy as np
import pytest
import torch

from parity import synth
from tcmr.model.tcmr import TCMR, TCMRConfig

PARITY = Path(__file__).parents[1] / "parity"
SMALL = TCMRConfig(feature_size=12, hidden_size=10, layers=2, window=16, regressor_size=8)


def tensors(name: str) -> dict[str, torch.Tensor]:
    with np.load(PARITY / name) as arrays:
        return {key: torch.from_numpy(array) for key, array in arrays.items()}


@pytest.fixture(scope="session")
def full_size() -> TCMR:
    """Load a state dict as it was released, by name, strictly."""
    with torch.device("meta"):
        model = TCMR()
    state = {name: torch.from_numpy(array) for name, array in synth.tcmr_state().items()}
    model.load_state_dict(state, strict=True, assign=True)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def released() -> dict[str, torch.Tensor]:
    return tensors("tcmr_forward.npz")


@pytest.fixture(scope="session")
def released_sequence() -> dict[str, torch.Tensor]:
    return tensors("tcmr_seq40.npz")


@pytest.fixture(scope="session")
def windows(released) -> torch.Tensor:
    static = torch.from_numpy(synth.features("main", 4, 16))
    torch.testing.assert_close(static[0, :3, :8], released["feat_head"])
    return static


@pytest.fixture(scope="session")
def sequence() -> torch.Tensor:
    return torch.from_numpy(synth.features("seq40", 1, 40))


@pytest.fixture
def small() -> TCMR:
    torch.manual_seed(0)
    model = TCMR(SMALL).eval()
    for parameter in model.parameters():
        parameter.data.normal_(std=0.3)
    return model
