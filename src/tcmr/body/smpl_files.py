"""Read body files in SMPL's format (.npz) into plain arrays, and check them."""

from pathlib import Path

import numpy as np

from tcmr.errors import TcmrError
from tcmr.joints import SMPL_PARENTS

_NAMES = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f")


def read_smpl(path: Path) -> dict[str, np.ndarray]:
    """Read a body file and check that it is a 24-joint SMPL body.

    Raises:
        TcmrError: the file is not one, or is damaged.
    """
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    missing = [name for name in _NAMES if name not in arrays]
    if missing:
        raise TcmrError(f"{path} is no SMPL body file: it has no {', '.join(missing)}")
    parents = arrays["kintree_table"][0].astype(np.int64)
    parents[0] = -1  # written as 2**32 - 1 in SMPL's files
    if tuple(parents) != SMPL_PARENTS:
        raise TcmrError(f"{path} does not have SMPL's 24-joint tree")
    return arrays
