"""Pairing one to one."""

import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment

Array = np.ndarray


def pairs(costs: Float[Array, "rows columns"], most_cost: float) -> list[tuple[int, int]]:
    """Return the cheapest one-to-one pairing of rows with columns, without the pairs above `most_cost`."""
    rows, columns = linear_sum_assignment(np.minimum(costs, 2 * most_cost + 1))
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if costs[row, column] <= most_cost
    ]
