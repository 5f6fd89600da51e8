from itertools import islice

import pytest

from tcmr.assets import fetch
from tcmr.types import Frame
from tcmr.video.read import open_clip


@pytest.fixture(scope="session")
def street_frames() -> list[Frame]:
    """Frames of the sample clip in which a man stands left and a woman comes from behind a tree on the right."""
    with open_clip(fetch("sample-clip")) as reader:
        return list(islice(reader, 44, 61))
