"""The body that motions were estimated for: theirs, or an error that tells what to do."""

import numpy as np
import pytest

from tcmr.body.own_body import own_body
from tcmr.errors import TcmrError
from tcmr.types import Motion


def standing(body: str) -> Motion:
    """One frame of somebody at rest, of a body."""
    return Motion(
        rotmat=np.broadcast_to(np.eye(3, dtype=np.float32), (1, 24, 3, 3)),
        betas=np.zeros((1, 10), np.float32),
        camera=np.ones((1, 3), np.float32),
        joints_m=np.zeros((1, 24, 3), np.float32),
        attention=np.full((1, 3), 1 / 3, np.float32),
        frames=np.arange(1),
        fps=30.0,
        body=body,
        weights="none",
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("another 8e4402b4", "of the body 'another', not of 'open'; name the body"),
        ("open 8e4402b4", "of another version of the body 'open'; make the result anew"),
    ],
)
def test_another_body_is_refused(open_body, name, said):
    with pytest.raises(TcmrError, match=said):
        own_body([standing(name)], open_body)


def test_its_own_body_is_taken(open_body):
    assert own_body([standing(f"open {open_body.sha256}")], open_body) is open_body
