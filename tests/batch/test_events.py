"""Lines of a manifest: what is written is read again, anything else is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcmr.batch.events import Done, Failed, Planned, Started, event_of, line_of
from tcmr.errors import TcmrError

text = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.text(st.sampled_from("abä .-\u2028\x85\udcff"), min_size=1).filter(lambda name: name.strip(". "))
events = st.one_of(
    st.builds(
        Planned,
        id=text,
        video=names,
        folder=names,
        sha256=st.none() | text,
        stamp=st.none() | text,
        choices=st.dictionaries(text, text, max_size=3),
    ),
    st.builds(Started, id=text, worker=text),
    st.builds(
        Done,
        id=text,
        frames=st.integers(0),
        persons=st.integers(0),
        seconds=st.floats(0, allow_infinity=False),
    ),
    st.builds(Failed, id=text, error=text, traceback=text),
)


@given(events)
def test_an_event_is_one_line_that_is_read_as_the_same_event(event):
    line = line_of(event, "2026-01-01T00:00:00+00:00")
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert event_of(line) == event


@pytest.mark.parametrize("folder", ["", ".", "..", "a/b", "../a", "/a", "C:\\a", "a\0", " . "])
def test_no_manifest_leads_out_of_the_output_folder(folder):
    line = json.dumps(
        {
            "event": "planned",
            "id": "1",
            "video": "v",
            "folder": folder,
            "sha256": None,
            "stamp": None,
            "choices": {},
        }
    )
    with pytest.raises(TcmrError, match="folder"):
        event_of(line)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(
    ["event", "id", "video", "folder", "sha256", "stamp", "choices", "worker", "frames", "error", "traceback"]
)


@given(
    st.dictionaries(keys, st.sampled_from(["planned", "started", "done", "failed"]) | json_values).map(
        json.dumps
    )
    | text
)
def test_any_line_is_an_event_or_an_error(line):
    try:
        event = event_of(line)
    except TcmrError:
        return
    assert isinstance(event, Planned | Started | Done | Failed)


@pytest.mark.parametrize("line", ["[" * 100_000, "7", '"x"', "{}", '{"event": []}'])
def test_hostile_lines_are_errors(line):
    with pytest.raises(TcmrError):
        event_of(line)
