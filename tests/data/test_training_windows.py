"""Training windows against the released code's lists."""

import json
from pathlib import Path

import pytest

from tcmr.data.training_windows import training_windows

CHUNKS = json.loads((Path(__file__).parents[1] / "parity" / "windows_and_maps.json").read_text())[
    "split_into_chunks"
]


@pytest.mark.parametrize("stride", [1, 8, 16])
@pytest.mark.parametrize("count", [1, 7, 10, 15, 16, 17, 40])
def test_with_repeated_ends_they_are_the_released_codes(count, stride):
    released = CHUNKS[f"N{count}_stride{stride}_train1_vibe0"]
    ours = training_windows(count, 16, stride, repeat_ends=True).tolist()
    assert [[first, first + 15] for first in ours] == released


@pytest.mark.parametrize("stride", [1, 8, 16])
@pytest.mark.parametrize("count", [1, 15, 16, 17, 40])
def test_each_window_comes_once(count, stride):
    ours = training_windows(count, 16, stride).tolist()
    assert ours == sorted(set(ours))
    assert len(ours) == max(0, (count - 16) // stride + 1)
    assert all(first + 16 <= count for first in ours)
