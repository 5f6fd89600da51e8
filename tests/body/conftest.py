import pickle
from pathlib import Path

import numpy as np
import pytest

import tcmr.body
from parity import synth
from tcmr.body import BodyModel, load_body


@pytest.fixture(scope="session")
def open_body_file() -> Path:
    return Path(tcmr.body.__file__).parent / "open_body.npz"


@pytest.fixture(scope="session")
def smpl_arrays() -> dict[str, np.ndarray]:
    """Arrays in SMPL's format that have nothing of SMPL in them."""
    return synth.smpl_arrays()


@pytest.fixture(scope="session")
def smpl_folder(smpl_arrays, tmp_path_factory) -> Path:
    """Make a folder as a user of SMPL has it."""
    folder = tmp_path_factory.mktemp("smpl")
    with (folder / "SMPL_NEUTRAL.pkl").open("wb") as file:
        pickle.dump(smpl_arrays, file, protocol=2)
    np.save(folder / "J_regressor_extra.npy", synth.j_regressor_extra(smpl_arrays["v_template"]))
    np.save(folder / "J_regressor_h36m.npy", synth.j_regressor_h36m(smpl_arrays["v_template"]))
    return folder


@pytest.fixture(scope="session")
def smpl_body(smpl_folder) -> BodyModel:
    return load_body(smpl_folder)
