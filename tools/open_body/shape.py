"""The shape space (principal components of the adults in T-pose) and the joints' place in it."""

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import nnls
from tools.open_body.symmetry import JOINT_PAIRS

from tcmr.joints import SMPL_PARENTS

COMPONENTS = 10


def fit_shape_space(
    vertices_m: Float[np.ndarray, "persons vertices 3"], weight_trait: Float[np.ndarray, " persons"]
) -> tuple[Float[np.ndarray, "vertices 3"], Float[np.ndarray, "vertices 3 10"], float]:
    """Return the mean, the displacement by one standard deviation of each component, and the share explained.

    Signs follow SMPL: the first component grows with height, the second falls with weight; of each other, the
    largest displacement along y or z is positive.
    """
    mean = vertices_m.mean(axis=0)
    centred = (vertices_m - mean).reshape(len(vertices_m), -1)
    scores, singular, components = np.linalg.svd(centred, full_matrices=False)
    deviations = singular[:COMPONENTS] / np.sqrt(len(vertices_m) - 1)
    dirs = (components[:COMPONENTS] * deviations[:, None]).reshape(COMPONENTS, -1, 3)

    heights = np.ptp(vertices_m[..., 1], axis=1)
    signs = [_sign_of_largest(component[:, 1:]) for component in dirs]
    signs[0] = np.sign(np.corrcoef(scores[:, 0], heights)[0, 1])
    signs[1] = -np.sign(np.corrcoef(scores[:, 1], weight_trait)[0, 1])
    dirs *= np.array(signs)[:, None, None]
    explained = (singular[:COMPONENTS] ** 2).sum() / (singular**2).sum()
    return mean, dirs.transpose(1, 2, 0), float(explained)


def _sign_of_largest(values: np.ndarray) -> float:
    return float(np.sign(values.flat[np.abs(values).argmax()]))


def fit_joint_regressor(
    vertices_m: Float[np.ndarray, "persons vertices 3"],
    joints_m: Float[np.ndarray, "persons 24 3"],
    skin_weights: Float[np.ndarray, "vertices 24"],
    pairs: Int[np.ndarray, " vertices"],
) -> tuple[Float[np.ndarray, "24 vertices"], Float[np.ndarray, "24"]]:
    """Fit sparse non-negative weights, summing to one, that give each joint from nearby vertices.

    Every third person is fitted to; the second value is the mean error (metres) on the next ones. Right
    joints mirror left ones.
    """
    fitted, held_out = vertices_m[0::3], vertices_m[1::3]
    mean_vertices, mean_joints = vertices_m.mean(axis=0), joints_m.mean(axis=0)
    regressor = np.zeros((24, len(mean_vertices)))
    for joint, parent in enumerate(SMPL_PARENTS):
        if JOINT_PAIRS[joint] < joint:
            regressor[joint] = regressor[JOINT_PAIRS[joint], pairs]
            continue
        nearest = np.argsort(np.linalg.norm(mean_vertices - mean_joints[joint], axis=1))[:260]
        inside = skin_weights[:, parent] if parent >= 0 else skin_weights[:, 1] + skin_weights[:, 2]
        seam = np.argsort(-skin_weights[:, joint] * inside)[:140]
        candidates = np.union1d(nearest, seam)
        candidates = np.union1d(candidates, pairs[candidates]) if JOINT_PAIRS[joint] == joint else candidates
        found = _convex_weights(fitted[:, candidates], joints_m[0::3, joint])
        regressor[joint, candidates] = found
        if JOINT_PAIRS[joint] == joint:
            regressor[joint] = (regressor[joint] + regressor[joint, pairs]) / 2
    residuals = np.einsum("jv,nvc->njc", regressor, held_out) - joints_m[1::3]
    return regressor, np.linalg.norm(residuals, axis=-1).mean(axis=0)


def _convex_weights(
    points: Float[np.ndarray, "persons candidates 3"], targets: Float[np.ndarray, "persons 3"]
) -> Float[np.ndarray, " candidates"]:
    count = points.shape[1]
    sum_to_one, shrink = 10.0, 1e-3
    equations = np.r_[
        points.transpose(0, 2, 1).reshape(-1, count), np.full((1, count), sum_to_one), shrink * np.eye(count)
    ]
    weights, _ = nnls(equations, np.r_[targets.ravel(), sum_to_one, np.zeros(count)], maxiter=20000)
    weights[weights < 1e-4] = 0
    return weights / weights.sum()
