from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tcmr.people.match import pairs


@given(arrays(np.float64, (3, 3), elements=st.floats(0, 1)))
def test_no_other_pairing_is_cheaper(costs):
    found = sum(costs[pair] for pair in pairs(costs, most_cost=1.0))
    cheapest = min(sum(costs[range(3), order]) for order in permutations(range(3)))
    assert np.isclose(found, cheapest)


def test_costly_pairs_are_left_out():
    assert pairs(np.array([[0.1, np.inf], [np.inf, 0.9]]), most_cost=0.5) == [(0, 0)]
