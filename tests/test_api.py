"""The public names, and what `tcmr.run` and `tcmr.run_live` tell their caller beside the motions."""

import re
from pathlib import Path

import pytest

import tcmr
from stream_server import as_stream, serving

ROOT = Path(__file__).parents[1]
FOR_RESEARCHERS = {
    f"{page}.md" for page in ("databases", "datasets", "paper_track", "paper_training", "studies")
}
FOR_USERS = [
    ROOT / "README.md",
    *(page for page in (ROOT / "docs").glob("*.md") if page.name not in FOR_RESEARCHERS),
    *(ROOT / "examples").glob("*.py"),
]


def test_every_public_name_is_there():
    assert all(getattr(tcmr, name).__name__ == name for name in tcmr.__all__ if not name.isupper())
    assert tcmr.SMPL_24[0] == "pelvis"


@pytest.mark.parametrize("file", FOR_USERS, ids=lambda file: file.name)
def test_users_are_shown_public_names_only(file):
    text = file.read_text()
    assert not re.findall(r"^.*(?:from|import) tcmr\..*$", text, re.MULTILINE)
    assert set(re.findall(r"\btcmr\.(\w+)(?:\.\w+)?\(", text)) <= {*tcmr.__all__}


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
