import dataclasses

import numpy as np
import pytest

from tcmr.features.crop_reading import CropReading
from tcmr.joints import BLAZEPOSE_33, indices
from tcmr.people.sides import BACK_AND_FRONT, LEGS

SHOULDERS = indices(BLAZEPOSE_33, ["left_shoulder", "right_shoulder"])


@pytest.fixture
def reading() -> CropReading:
    rng = np.random.default_rng(0)
    return CropReading(
        points=rng.random((39, 2)),
        beliefs=rng.random((33, 2)).astype(np.float32),
        world_m=rng.standard_normal((33, 3)).astype(np.float32),
        score=0.8,
        spread=np.zeros(33, np.float32),
        pooled=rng.random(1152).astype(np.float32),
    )


def test_in_the_mirror_left_is_right(reading):
    left, right = SHOULDERS
    seen = reading.mirrored()
    np.testing.assert_allclose(seen.points[left], [1 - reading.points[right, 0], reading.points[right, 1]])
    np.testing.assert_array_equal(seen.world_m[left], reading.world_m[right] * [-1, 1, 1])
    np.testing.assert_array_equal(seen.beliefs[left], reading.beliefs[right])
    # What the next region is made of has no sides.
    np.testing.assert_allclose(seen.points[33:, 0], 1 - reading.points[33:, 0])


def test_mirrored_twice_is_as_before(reading):
    twice = reading.mirrored().mirrored()
    for field in dataclasses.fields(CropReading):
        np.testing.assert_allclose(getattr(twice, field.name), getattr(reading, field.name), atol=1e-6)


def test_the_mean_of_two_that_take_back_for_front_is_one_of_them(reading):
    mean = reading.mean(reading.exchanged(BACK_AND_FRONT))
    np.testing.assert_allclose(mean.world_m, reading.world_m)
    np.testing.assert_allclose(mean.points, reading.points)


def test_a_left_and_a_right_leg_make_no_leg_between_them(reading):
    """The legs alone are exchanged, or everything but the legs."""
    for other in (reading.exchanged(LEGS), reading.exchanged(LEGS).exchanged(BACK_AND_FRONT)):
        mean = reading.mean(other)
        np.testing.assert_allclose(mean.points, reading.points)
        np.testing.assert_allclose(mean.world_m, reading.world_m)
        np.testing.assert_array_equal(mean.spread, 0)


def test_how_far_two_readings_lie_apart_is_kept(reading):
    """Where the second one goes: 0.03 right and 0.04 down for the left ankle, nowhere for the others."""
    points, ankle = reading.points.copy(), BLAZEPOSE_33.index("left_ankle")
    points[ankle] += (0.03, 0.04)
    spread = reading.mean(dataclasses.replace(reading, points=points)).spread
    np.testing.assert_allclose(spread, 0.05 * (np.arange(33) == ankle), atol=1e-7)


def test_the_surer_reading_counts_more(reading):
    other = dataclasses.replace(reading, world_m=reading.world_m + np.float32(0.03), score=0.4)
    mean = reading.mean(other)
    np.testing.assert_allclose(mean.world_m, reading.world_m + 0.01, atol=1e-6)
    assert mean.score == reading.score
