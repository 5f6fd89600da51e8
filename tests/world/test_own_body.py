"""The body that motions were estimated for: theirs, or an error that tells what to do."""

from dataclasses import replace

import pytest

from tcmr.errors import TcmrError
from tcmr.world.own_body import own_body


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("another 8e4402b4", "of the body 'another', not of 'open'; name the body"),
        ("open 8e4402b4", "of another version of the body 'open'; make the result anew"),
    ],
)
def test_another_body_is_refused(across, open_body, name, said):
    with pytest.raises(TcmrError, match=said):
        own_body([replace(across.truth, body=name)], open_body)


def test_its_own_body_is_taken(across, open_body):
    assert own_body([replace(across.truth, body=f"open {open_body.sha256}")], open_body) is open_body
