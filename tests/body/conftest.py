from pathlib import Path

import pytest

import tcmr.body
from tcmr.body import BodyModel, load_body


@pytest.fixture(scope="session")
def open_body_file() -> Path:
    return Path(tcmr.body.__file__).parent / "open_body.npz"


@pytest.fixture(scope="session")
def smpl_body(smpl_folder) -> BodyModel:
    return load_body(smpl_folder)
