"""Heights as users write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcmr.errors import TcmrError
from tcmr.heights import LEAST_M, MOST_M, read_heights


@given(st.dictionaries(st.none() | st.integers(0, 99), st.floats(LEAST_M, MOST_M), min_size=1))
def test_what_is_written_is_read(heights):
    text = ", ".join(
        f"{metres}" if person is None else f"{person}:{metres}" for person, metres in heights.items()
    )
    assert read_heights(text) == heights


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tall", "write 1.72"),
        ("", "write 1.72"),
        ("1.7,", "write 1.72"),
        ("one:1.7", "write 1.72"),
        (":1.7", "write 1.72"),
        ("1:2:1.7", "write 1.72"),
        ("172", "in metres"),
        ("0", "in metres"),
        ("nan", "in metres"),
        ("2:-1.7", "in metres"),
        ("1.7,1.8", "everybody is given twice"),
        ("3:1.7,3:1.7", "person 3 is given twice"),
    ],
)
def test_what_is_no_height_is_refused(text, complaint):
    with pytest.raises(TcmrError, match=complaint):
        read_heights(text)
