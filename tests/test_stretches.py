"""Values stretch by stretch, against the whole."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tcmr.stretches import gathered, stretches


@given(st.integers(0, 50), st.integers(1, 60))
def test_stretches_are_all_rows_in_order(count, length):
    rows = stretches(count, length)
    assert [row for each in rows for row in range(count)[each]] == list(range(count))
    assert all(0 < each.stop - each.start <= length for each in rows)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6))
def test_gathered_parts_are_those_joined(lengths):
    parts = [(torch.rand(length, 3, 2), torch.arange(length)) for length in lengths]
    for whole, values in zip(gathered(sum(lengths), iter(parts)), zip(*parts, strict=True), strict=True):
        joined = torch.cat(values)
        assert whole.dtype == joined.dtype
        torch.testing.assert_close(whole, joined, rtol=0, atol=0)


@pytest.mark.parametrize("lengths", [[], [2], [2, 2], [2, 1, 1]])
def test_parts_of_another_length_are_refused(lengths):
    with pytest.raises(ValueError, match="not 3 rows"):
        gathered(3, [(torch.zeros(length),) for length in lengths])
