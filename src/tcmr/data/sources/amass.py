"""AMASS's .npz files: motion of SMPL-H or SMPL-X bodies, z up.

Source: N. Mahmood et al., "AMASS: Archive of Motion Capture as Surface Shapes", ICCV 2019. The joints that stand for
SMPL's hands are those of the released code: the first of each index finger.
"""

from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from tcmr.arrays import names_in_npz, read_npz
from tcmr.body.load import load_body
from tcmr.body.model import BodyModel
from tcmr.data.sources.captured import Take, leg_length
from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, SMPL_BODY_22, SMPLH_52, SMPLX_55, indices
from tcmr.rotations import rotmat_from_axis_angle

Array = np.ndarray
Y_UP_FROM_Z_UP = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float32)
STANDING_FOR_SMPLS = (*SMPL_BODY_22, "left_index1", "right_index1")
# By how many numbers a pose has, the rows of the joints that are SMPL's or stand for them.
SMPL_ROWS = {
    3 * len(SMPL_24): indices(SMPL_24, SMPL_24),
    3 * len(SMPLH_52): indices(SMPLH_52, STANDING_FOR_SMPLS),
    3 * len(SMPLX_55): indices(SMPLX_55, STANDING_FOR_SMPLS),
}
RATE_KEYS = ("mocap_framerate", "mocap_frame_rate")


def is_motion(path: Path) -> bool:
    """Tell whether a file holds motion: AMASS has others beside it, of the subjects' shapes.

    Raises:
        TcmrError: it cannot be read.
    """
    try:
        return {"poses", "trans"} <= set(names_in_npz(path))
    except (OSError, ValueError) as error:
        raise TcmrError(f"cannot read {path} as captured motion: {error}") from error


def read_take(path: Path, name: str, subject: str, smpl: BodyModel | None = None) -> Take:
    """Read a file (keys poses, trans, mocap_framerate, betas), turned y up.

    With `smpl` the pelvis is where the subject's shape has it; else a body of mean shape stands in.

    Raises:
        TcmrError: the file is damaged, lacks a key, or has an array of another shape.
    """
    try:
        arrays = read_npz(path, {"poses", "trans", "betas", *RATE_KEYS}.__contains__)
        poses, trans = (np.asarray(arrays[key], np.float32) for key in ("poses", "trans"))
        rate = next((float(arrays[key]) for key in RATE_KEYS if key in arrays), 0.0)
        betas = np.asarray(arrays["betas"], np.float32) if "betas" in arrays else np.zeros(10, np.float32)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TcmrError(f"cannot read {path} as AMASS: {error}") from error
    if (
        poses.ndim != 2
        or poses.shape[1] not in SMPL_ROWS
        or trans.shape != (len(poses), 3)
        or len(poses) == 0
    ):
        raise TcmrError(
            f"{path} has poses {list(poses.shape)} and trans {list(trans.shape)}; "
            f"AMASS has poses [N, {' or '.join(map(str, SMPL_ROWS))}] and trans [N, 3]"
        )
    if not rate > 0:
        raise TcmrError(f"{path} does not say its {' or '.join(RATE_KEYS)}, frames a second")
    turns = poses.reshape(len(poses), -1, 3)[:, SMPL_ROWS[poses.shape[1]]]
    rotmat = rotmat_from_axis_angle(torch.from_numpy(turns))
    rotmat[:, 0] = torch.from_numpy(Y_UP_FROM_Z_UP) @ rotmat[:, 0]
    rest_m = _rest_joints(betas, smpl)
    return Take(name, subject, rotmat, (trans + rest_m[0]) @ Y_UP_FROM_Z_UP.T, leg_length(rest_m), rate)


def _rest_joints(betas: Float32[Array, "..."], smpl: BodyModel | None) -> Float32[Array, "24 3"]:
    if smpl is None:
        return load_body("open").joint_template_m.numpy()
    one = betas if betas.ndim == 1 else betas.mean(0)
    shape = torch.zeros(smpl.joint_shape_dirs.shape[-1])
    shape[: min(len(one), len(shape))] = torch.from_numpy(one[: len(shape)])
    return smpl.with_shape(shape).joints_m.numpy()
