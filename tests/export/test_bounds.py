"""What a file may say of a motion, until it is shown or exported."""

from dataclasses import replace

import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.export.bounds import check_bounds
from tcmr.export.saved import Saved

COUNT = 30


def test_a_person_is_within_bounds_also_after_a_long_time_away(motion):
    check_bounds(motion)
    check_bounds(replace(motion, frames=np.array([*range(COUNT - 1), 9_000])))
    check_bounds(replace(motion, frames=10**7 + np.arange(COUNT)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"frames": np.arange(-1, COUNT - 1)}, "frame -1 comes before"),
        ({"frames": np.array([*range(COUNT - 1), 10**12])}, "too few for frames 0 to"),
        ({"fps": 5e-324}, "per second are none"),
        ({"fps": 1e308}, "per second are none"),
        ({"transl_m": np.full((COUNT, 3), -1e30, np.float32)}, "transl_m has numbers"),
        ({"betas": np.full((COUNT, 10), 3e38, np.float32)}, "betas has numbers"),
        ({"rotmat": np.zeros((COUNT, 24, 3, 3), np.float32)}, "no rotations"),
        ({"rotmat": np.full((COUNT, 24, 3, 3), 3e38, np.float32)}, "no rotations"),
        (
            {"camera_rotmat": np.zeros((COUNT, 3, 3), np.float32)},
            "camera_rotmat has matrices that are no rotations",
        ),
        ({"rotmat": np.tile(-np.eye(3, dtype=np.float32), (COUNT, 24, 1, 1))}, "no rotations"),
    ],
)
def test_what_is_no_person_is_refused_by_the_file_s_name(motion, changes, said, tmp_path):
    file = tmp_path / "person-1.npz"
    replace(motion, **changes).save(file)
    with pytest.raises(TcmrError, match=said) as refused:
        Saved.open(file)
    assert str(file) in str(refused.value)
