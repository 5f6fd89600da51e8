"""Every reader on valid, hostile and damaged input: a value or a clear error, within time and memory, nothing run.

A small share of the campaign that docs/hostile_input.md tells of.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hostile.campaign import run_campaign
from hostile.surfaces import SURFACES

# The first inputs are those made by hand; the others are drawn.
BY_HAND, DRAWN = (0, 6), (9_000, 9_002)
CHILDREN = 2  # at a time


@pytest.fixture(scope="module")
def tallies():
    names = list(SURFACES)
    plans = [
        [(name, *part) for name in names[first::CHILDREN] for part in (BY_HAND, DRAWN)]
        for first in range(CHILDREN)
    ]
    with ThreadPoolExecutor(CHILDREN) as pool:
        return {name: tally for tallies in pool.map(run_campaign, plans) for name, tally in tallies.items()}


@pytest.mark.parametrize("name", SURFACES)
def test_every_input_ends_in_a_value_or_a_clear_error(tallies, name):
    tally = tallies[name]
    assert tally.crashes == {}
    assert tally.inputs == tally.values + tally.errors == 8


@pytest.mark.fuzz
@pytest.mark.parametrize("name", SURFACES)
def test_ten_thousand_inputs(name):
    assert run_campaign([(name, 0, 10_000)])[name].crashes == {}
