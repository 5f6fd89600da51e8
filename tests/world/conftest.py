"""Two walks that the tests share."""

import pytest

from world.walk import Walk, walk


@pytest.fixture(scope="session")
def across(open_body) -> Walk:
    return walk(open_body, 150, heading_deg=70, tilt_deg=(15, 4), seed=0)


@pytest.fixture(scope="session")
def towards(open_body) -> Walk:
    return walk(open_body, 150, heading_deg=10, tilt_deg=(15, 4), seed=1)
