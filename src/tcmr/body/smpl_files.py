"""Read body files in SMPL's format (.pkl or .npz) into plain arrays, and check them."""

from pathlib import Path
from typing import Any

import numpy as np

from tcmr.arrays import read_npz
from tcmr.body.pickles import read_pickle
from tcmr.errors import TcmrError
from tcmr.joints import SMPL_PARENTS

_SHAPES = {
    "v_template": (6890, 3),
    "shapedirs": (6890, 3, 10),
    "posedirs": (6890, 3, 207),
    "J_regressor": (24, 6890),
    "weights": (6890, 24),
    "f": (None, 3),
    "kintree_table": (2, 24),
}


def read_smpl(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a body file under SMPL's names, and any regressors that it brings.

    `shapedirs` is cut to the first ten components.

    Raises:
        TcmrError: the file is not a 24-joint SMPL body, or is damaged or unsafe.
    """
    if not path.is_file():
        raise TcmrError(
            f"there is no body file {path}; give 'open', a SMPL .pkl or .npz, or a folder with one"
        )
    readers = {".npz": _read_npz, ".pkl": read_pickle}
    if path.suffix not in readers:
        raise TcmrError(f"{path} is no body file: it must end in .pkl or .npz")
    content = readers[path.suffix](path)
    missing = [name for name in _SHAPES if name not in content]
    if missing:
        raise TcmrError(f"{path} is no SMPL body: it has no {', '.join(missing)}")
    arrays = {name: value for name, value in content.items() if _is_read(name)}
    strange = [name for name, value in arrays.items() if not isinstance(value, np.ndarray)]
    if strange:
        raise TcmrError(f"{path} is no SMPL body: its {', '.join(strange)} is no array")
    if arrays["shapedirs"].ndim == 3:
        arrays["shapedirs"] = arrays["shapedirs"][..., :10]
    _check(arrays, path)
    return arrays


def _is_read(name: Any) -> bool:
    return isinstance(name, str) and (name in _SHAPES or name.startswith("J_regressor"))


def _read_npz(path: Path) -> dict[str, Any]:
    try:
        return read_npz(path, _is_read)
    except (OSError, ValueError) as error:
        raise TcmrError(f"{path} is no readable .npz: {error}") from error


def _check(arrays: dict[str, np.ndarray], path: Path) -> None:
    for name, shape in _SHAPES.items():
        found = arrays[name].shape
        expected = tuple(have if want is None else want for want, have in zip(shape, found, strict=False))
        if found != expected or len(found) != len(shape):
            wanted = " x ".join(str(size or "n") for size in shape)
            raise TcmrError(f"{path} is no SMPL body: its {name} is {found}, not {wanted}")
        if arrays[name].dtype.kind not in "fiu" or not np.isfinite(arrays[name]).all():
            raise TcmrError(f"{path} is damaged: its {name} holds something other than finite numbers")
    faces = arrays["f"].astype(np.int64)
    if faces.min() < 0 or faces.max() >= len(arrays["v_template"]):
        raise TcmrError(f"{path} is damaged: its faces name vertices that are not there")
    # The root's parent is written as 2**32 - 1.
    if tuple(arrays["kintree_table"][0, 1:].astype(np.int64)) != SMPL_PARENTS[1:]:
        raise TcmrError(f"{path} does not have SMPL's tree of 24 joints")
