"""Who is who: pairing persons with boxes, and telling two readings of one body."""

import numpy as np
from jaxtyping import Float, Float32
from scipy.optimize import linear_sum_assignment

Array = np.ndarray

# Mean distance of the landmarks of two readings of the same body, in body lengths. Measured on real clips:
# two readings that have run together are within 0.08, those of two persons beyond 0.25.
SAME_BODY = 0.12


def pairs(costs: Float[Array, "rows columns"], most_cost: float) -> list[tuple[int, int]]:
    """Return the cheapest one-to-one pairing of rows with columns, without the pairs above `most_cost`."""
    rows, columns = linear_sum_assignment(np.minimum(costs, 2 * most_cost + 1))
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if costs[row, column] <= most_cost
    ]


def same_body(landmarks_px: Float32[Array, "33 2"], others_px: Float32[Array, "33 2"]) -> bool:
    """Tell whether two sets of landmarks lie on one person."""
    length_px = max(np.ptp(landmarks_px, axis=0).max(), np.ptp(others_px, axis=0).max())
    return bool(np.linalg.norm(landmarks_px - others_px, axis=1).mean() < SAME_BODY * length_px)
