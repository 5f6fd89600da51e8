"""Open a body by name or file."""

import hashlib
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import torch

from tcmr.body.model import BodyModel
from tcmr.body.regressors import Regressor
from tcmr.body.smpl_files import read_smpl
from tcmr.joints import H36M_17, SPIN_EXTRA_9, JointSet

_REGRESSED: dict[str, JointSet] = {"extra": SPIN_EXTRA_9, "h36m": H36M_17}


def load_body(name_or_path: str | Path = "open", device: torch.device | str | None = None) -> BodyModel:
    """Open the package's own body ("open") or a body file in SMPL's format.

    Raises:
        TcmrError: there is no such file, or it is not a SMPL body.
    """
    if name_or_path == "open":
        with as_file(files("tcmr.body") / "open_body.npz") as path:
            return _load_file(path, "open").to(device)
    path = Path(name_or_path)
    return _load_file(path, path.stem).to(device)


def _load_file(path: Path, name: str) -> BodyModel:
    arrays = read_smpl(path)
    body = BodyModel.from_smpl_arrays(arrays, name, hashlib.sha256(path.read_bytes()).hexdigest())
    own = {
        key: Regressor.from_dense(joint_set, arrays[f"J_regressor_{key}"].astype(np.float32), body.topology)
        for key, joint_set in _REGRESSED.items()
        if f"J_regressor_{key}" in arrays
    }
    return body.with_regressors(own)
