"""The campaign sees what it is there to see."""

import re

import pytest

from hostile import campaign
from hostile.broken_readers import FAULTS
from hostile.case import put
from hostile.films import CONTAINERS, SOUNDS, clip, tone
from hostile.surfaces import SURFACES


@pytest.fixture(scope="module")
def tallies():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(campaign, "SECONDS_OF_SILENCE", 12.0)
        return campaign.run_campaign([(name, 0, 2) for name in FAULTS])


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_and_named(tallies, name):
    tally = tallies[name]
    assert tally.values == 1
    assert list(tally.crashes.values()) == [[1]]
    assert re.search(FAULTS[name][1], next(iter(tally.crashes)))


def test_an_input_is_the_same_every_time(tmp_path):
    first, second = (SURFACES["images"](tmp_path) for _ in range(2))
    cases = [first.case(number) for number in range(9000, 9100)]
    assert cases == [second.case(number) for number in range(9000, 9100)]
    assert len({str(case) for case in cases}) > 70
    put(cases[0], tmp_path)


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_film_is_the_same_every_time(container):
    assert clip(container) == clip(container)


@pytest.mark.parametrize("container", SOUNDS)
def test_a_sound_is_the_same_every_time(container):
    assert tone(container, SOUNDS[container]) == tone(container, SOUNDS[container])
