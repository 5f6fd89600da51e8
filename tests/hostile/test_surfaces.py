"""Every reader on valid, hostile and damaged input: a value or a clear error, within time and memory, nothing run.

A small share of the campaign that docs/hostile_input.md tells of.
"""

import pytest

from hostile.campaign import run_campaign
from hostile.surfaces import SURFACES

# The first inputs are those made by hand; the others are drawn.
BY_HAND, DRAWN = (0, 5), (9_000, 9_001)
# The child begins with the samples, and to draw these takes long.
AFTER_SAMPLES = {"plots": (2, 7)}


@pytest.fixture(scope="module")
def tallies():
    return run_campaign(
        [(name, *part) for name in SURFACES for part in (AFTER_SAMPLES.get(name, BY_HAND), DRAWN)]
    )


@pytest.mark.parametrize("name", SURFACES)
def test_every_input_ends_in_a_value_or_a_clear_error(tallies, name):
    tally = tallies[name]
    assert tally.crashes == {}
    assert tally.inputs == tally.values + tally.errors == 6


@pytest.mark.fuzz
@pytest.mark.timeout(3600)  # thousands of plots are drawn
@pytest.mark.parametrize("name", SURFACES)
def test_ten_thousand_inputs(name):
    assert run_campaign([(name, 0, 10_000)])[name].crashes == {}
