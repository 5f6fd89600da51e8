import numpy as np
import pytest

from tcmr.synth.palette import any_colour, hair_tone, skin_tone


@pytest.mark.parametrize("draw", [any_colour, hair_tone, skin_tone])
def test_colours_are_in_range_and_vary(draw):
    rng = np.random.default_rng(0)
    colours = np.array([draw(rng) for _ in range(200)])
    assert colours.shape == (200, 3)
    assert colours.min() >= 0
    assert colours.max() <= 255
    assert (colours.std(0) > 10).all()


def test_skin_is_redder_than_blue():
    rng = np.random.default_rng(0)
    tones = np.array([skin_tone(rng) for _ in range(200)])
    assert np.mean(tones[:, 0] > tones[:, 2]) > 0.97
