"""Sequences of a database against the released code's lists of windows."""

import json
from pathlib import Path

import pytest

from tcmr.data.sequences import sequence_slices
from tcmr.model.windows import window_indices

RELEASED = json.loads((Path(__file__).parents[1] / "parity" / "windows_and_maps.json").read_text())


def spelt_out(names: str) -> list[str]:
    """Turn "20*b,5*a" into twenty b and five a."""
    parts = (part.split("*") for part in names.split(","))
    return [name for count, name in parts for _ in range(int(count))]


def windows_of(slices: list[slice]) -> list[list[int]]:
    """Return the frames of every test window of sequences of 16 frames or more: shorter ones have none there."""
    return [
        [rows.start + frame for frame in window]
        for rows in slices
        if rows.stop - rows.start >= 16
        for window in window_indices(rows.stop - rows.start, 16, "static").tolist()
    ]


@pytest.mark.parametrize("case", ["multi", "noncontiguous"])
def test_merged_sequences_are_the_released_codes(case):
    slices = sequence_slices(spelt_out(RELEASED[case]["names"]), returning_is_new=False)
    expected = [
        [first] * 16 if first == last else list(range(first, last + 1))
        for first, last in RELEASED[case]["chunks"]
    ]
    assert windows_of(slices) == expected


def test_a_name_that_comes_back_is_a_sequence_of_its_own():
    names = spelt_out(RELEASED["noncontiguous"]["names"])
    assert sequence_slices(names) == [slice(0, 18), slice(18, 35), slice(35, 38)]
    assert all(len(set(names[rows])) == 1 for rows in sequence_slices(names))


def test_no_frames_have_no_sequences():
    assert sequence_slices([]) == []
