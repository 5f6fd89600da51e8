"""What `tcmr.run` and `tcmr.run_live` tell their caller beside the motions."""

import pytest

import tcmr
from stream_server import as_stream, serving


def test_what_was_wrong_is_warned_of_with_and_without_an_output(street, untrained, tmp_path):
    options = tcmr.Options(weights=str(untrained), height="99:1.2", fit="off")
    for output in (None, tmp_path):
        with pytest.warns(UserWarning, match="--height tells of person 99, who was not found"):
            assert tcmr.run(street, options, output=output)


def test_what_was_wrong_with_a_source_is_warned_of_as_well(street, untrained, tmp_path):
    options = tcmr.Options(weights=str(untrained), min_frames=5, fit="off")
    live = tcmr.LiveOptions(preview=False, when_late="wait", reconnects=0)
    with (
        serving(as_stream(street), 0.4, [1.0]) as server,
        pytest.warns(UserWarning, match=r"broke off"),
    ):
        tcmr.run_live(server.url, tmp_path, options, live)
