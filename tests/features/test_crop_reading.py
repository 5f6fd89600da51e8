import dataclasses

import numpy as np
import pytest

from tcmr.features.crop_reading import CropReading
from tcmr.joints import BLAZEPOSE_33, indices

SHOULDERS = indices(BLAZEPOSE_33, ["left_shoulder", "right_shoulder"])


@pytest.fixture
def reading() -> CropReading:
    rng = np.random.default_rng(0)
    return CropReading(
        points=rng.random((39, 2)),
        beliefs=rng.random((33, 2)).astype(np.float32),
        world_m=rng.standard_normal((33, 3)).astype(np.float32),
        score=0.8,
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
    mean = reading.mean(reading.with_sides_exchanged())
    np.testing.assert_allclose(mean.world_m, reading.world_m)
    np.testing.assert_allclose(mean.points, reading.points)


def test_the_surer_reading_counts_more(reading):
    other = dataclasses.replace(reading, world_m=reading.world_m + np.float32(0.03), score=0.4)
    mean = reading.mean(other)
    np.testing.assert_allclose(mean.world_m, reading.world_m + 0.01, atol=1e-6)
    assert mean.score == reading.score
