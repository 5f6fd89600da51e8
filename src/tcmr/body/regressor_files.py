"""Read SMPL's J_regressor_*.npy for a body, and make sure that they were made for it."""

from pathlib import Path

from tcmr.arrays import Expected, fitting, read_npy
from tcmr.body.model import BodyModel
from tcmr.body.regressors import JointRegressor
from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, JointSet, indices

_PLAUSIBLE_M = 0.15
_LAYOUT = {"matrix": Expected(("joints", "vertices"))}


def read_regressor(path: Path, joint_set: JointSet, body: BodyModel) -> JointRegressor:
    """Read the regressor of a joint set (its rows, in order) for a body.

    Raises:
        TcmrError: the file is damaged, has another shape, or puts the joints far from the body's own.
    """
    try:
        matrix = fitting({"matrix": read_npy(path)}, _LAYOUT)["matrix"]
    except (OSError, ValueError) as error:
        raise TcmrError(f"{path} is no readable .npy: {error}") from error
    wanted = (len(joint_set), len(body.template_m))
    if matrix.shape != wanted:
        raise TcmrError(f"{path} is {matrix.shape}, not {wanted[0]} joints x {wanted[1]} vertices")
    regressor = JointRegressor.from_dense(joint_set, matrix, body.topology)
    distance_m = _typical_distance_m(regressor, body)
    if not distance_m < _PLAUSIBLE_M:
        raise TcmrError(
            f"{path} was made for another mesh than {body.name}: "
            f"it puts joints {100 * distance_m:.0f} cm away from the body's own"
        )
    return regressor


def _typical_distance_m(regressor: JointRegressor, body: BodyModel) -> float:
    """Compare the joints that both have, whatever their suffix ("neck_lsp" is a neck); the median."""
    bare = {name: name.removesuffix("_lsp").removesuffix("_mpii") for name in regressor.joint_set}
    shared = [name for name in regressor.joint_set if bare[name] in SMPL_24]
    regressed_m = regressor.weights @ body.template_m[regressor.vertex_ids]
    theirs = regressed_m[indices(regressor.joint_set, shared)]
    own = body.joint_template_m[indices(SMPL_24, [bare[name] for name in shared])]
    return float((theirs - own).norm(dim=-1).median())
