import tracemalloc
from dataclasses import fields

import numpy as np
import pytest

from tcmr.people.motion import Reading
from tcmr.people.readings import BLOCK, RECORD, Readings
from tcmr.types import Flow, Landmarks, Region


def reading(frame: int) -> Reading:
    """Make a reading of random numbers, the same for each frame whenever it is made."""
    random = np.random.default_rng(frame)

    def some(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    def region() -> Region:
        x, y, size, rotation = random.normal(size=4).tolist()
        return Region((x, y), size, rotation)

    score = float(np.float32(random.random()))
    landmarks = Landmarks(
        region(), region(), some(33, 2), some(33), some(33), some(33, 3), score, some(33), pooled=some(1152)
    )
    place, colours = random.normal(size=4), random.normal(size=(3, 3))
    return Reading(frame, random.random(), place, landmarks, colours, Flow(some(33, 2), some(33)))


def assert_same(one: Reading, other: Reading) -> None:
    """Everything but the pooled feature is the same to the last bit, and of the same type."""
    assert other.landmarks.pooled is None
    for whole, packed in ((one, other), (one.landmarks, other.landmarks), (one.flow, other.flow)):
        for name in {entry.name for entry in fields(whole)} - {"landmarks", "flow", "pooled"}:
            expected, found = getattr(whole, name), getattr(packed, name)
            assert type(found) is type(expected)
            np.testing.assert_equal(found, expected)
            assert np.asarray(found).dtype == np.asarray(expected).dtype if name != "region" else True


@pytest.mark.parametrize("count", [0, 1, BLOCK, 2 * BLOCK + 3])
def test_what_goes_in_comes_out(count):
    readings = Readings(map(reading, range(count)))
    assert len(readings) == count
    for frame, packed in enumerate(readings):
        assert_same(reading(frame), packed)
    assert [each.frame_index for each in readings[-20:]] == list(range(count))[-20:]
    assert readings.column("frame_index").tolist() == list(range(count))
    assert readings.column("world_m").shape == (count, 33, 3)


def test_it_ends_where_a_list_ends():
    readings = Readings([reading(0)])
    assert_same(readings[-1], readings[0])
    for beyond in (1, -2):
        with pytest.raises(IndexError):
            readings[beyond]


@pytest.mark.parametrize("count", [0, 5, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_what_is_cut_is_gone_and_others_take_its_place(count):
    readings = Readings(map(reading, range(2 * BLOCK)))
    taken = readings[count:]
    readings.cut(count)
    assert len(readings) == count
    readings.extend(map(reading, range(1000, 1000 + BLOCK)))
    assert readings.column("frame_index").tolist() == [*range(count), *range(1000, 1000 + BLOCK)]
    for frame, each in enumerate(taken, count):
        assert_same(reading(frame), each)


def test_old_ones_are_forgotten_but_never_too_many():
    readings = Readings(map(reading, range(10)))
    for frame in range(10, 5 * BLOCK):
        readings.append(reading(frame))
        readings.forget(300)
        assert min(frame + 1, 300) <= len(readings) < 300 + BLOCK
        assert readings[-1].frame_index == frame
    assert readings[0].frame_index == 5 * BLOCK - len(readings)


def test_a_reading_takes_what_its_numbers_take():
    tracemalloc.start()
    try:
        readings = Readings(map(reading, range(20 * BLOCK)))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(readings) * RECORD.itemsize <= held < 1.01 * len(readings) * RECORD.itemsize
    assert RECORD.itemsize < 1700
