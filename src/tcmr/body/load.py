"""Open a body by name, file or folder."""

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import torch

from tcmr.body.model import BodyModel
from tcmr.body.regressor_files import read_regressor
from tcmr.body.regressors import JointRegressor
from tcmr.body.smpl_files import read_smpl
from tcmr.errors import TcmrError
from tcmr.files import file_sha256
from tcmr.joints import H36M_17, SPIN_EXTRA_9, JointSet

_REGRESSED: dict[str, JointSet] = {"extra": SPIN_EXTRA_9, "h36m": H36M_17}


def load_body(name_or_path: str | Path = "open", device: torch.device | str | None = None) -> BodyModel:
    """Open the package's own body ("open"), a SMPL file, or a folder with SMPL_NEUTRAL.pkl (or .npz).

    A folder's J_regressor_extra.npy and J_regressor_h36m.npy are taken along.

    Raises:
        TcmrError: there is no body there, it is damaged or unsafe, or the regressors are not this body's.
    """
    if name_or_path == "open":
        return _open_body().to(device)
    path = Path(name_or_path)
    body = _load_folder(path) if path.is_dir() else _load_file(path, path.stem)
    return body.to(device)


def is_open(body: BodyModel) -> bool:
    """Tell whether a body is the open one, or has its mesh: what shape coefficients mean on it hangs on that."""
    return body.topology == _open_body().topology


@cache
@torch.inference_mode(False)  # whoever asks first: others may train on it
def _open_body() -> BodyModel:
    with as_file(files("tcmr.body") / "open_body.npz") as path:
        return _load_file(path, "open")


def _load_file(path: Path, name: str) -> BodyModel:
    arrays = read_smpl(path)
    body = BodyModel.from_smpl_arrays(arrays, name, file_sha256(path))
    own = {
        key: JointRegressor.from_dense(
            joint_set, arrays[f"J_regressor_{key}"].astype(np.float32), body.topology
        )
        for key, joint_set in _REGRESSED.items()
        if f"J_regressor_{key}" in arrays
    }
    return body.with_regressors(own)


def _load_folder(folder: Path) -> BodyModel:
    candidates = [folder / "SMPL_NEUTRAL.pkl", folder / "SMPL_NEUTRAL.npz"]
    path = next((candidate for candidate in candidates if candidate.is_file()), None)
    if path is None:
        raise TcmrError(f"the folder {folder} holds no SMPL_NEUTRAL.pkl or SMPL_NEUTRAL.npz")
    body = _load_file(path, path.stem)
    beside = {key: folder / f"J_regressor_{key}.npy" for key in _REGRESSED}
    beside = {key: file for key, file in beside.items() if file.is_file()}
    for key, file in beside.items():
        if key in body.regressors:
            raise TcmrError(f"{path} brings its own joint regressors; {file} is for another body, remove it")
    return body.with_regressors(
        {key: read_regressor(file, _REGRESSED[key], body) for key, file in beside.items()}
    )
