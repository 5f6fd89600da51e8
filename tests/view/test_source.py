import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.types import Motion
from tcmr.view.source import Source, open_sources


@pytest.fixture
def copied(result, tmp_path):
    """Return a function that copies the result, with some of what its result.json says changed (None: left out)."""

    def copy(**changes: object) -> Path:
        folder = Path(shutil.copytree(result, tmp_path / "copied"))
        summary = json.loads((folder / "result.json").read_text()) | changes
        kept = {key: value for key, value in summary.items() if value is not None}
        (folder / "result.json").write_text(json.dumps(kept))
        return folder

    return copy


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timestamps_s": None}, "no 'timestamps_s'"),
        ({"fps": "many"}, "'fps' cannot be 'many'"),
        ({"size": [640]}, "picture's size"),
        ({"camera": {"focal_px": 500.0, "center_px": ["left", 2]}}, "picture's size and camera"),
        ({"timestamps_s": [0.0, 0.05]}, "after its last"),
    ],
)
def test_a_result_that_is_not_as_a_run_writes_it_is_refused(changes, said, copied):
    folder = copied(**changes)
    with pytest.raises(TcmrError, match=said) as refused:
        Source.open(folder)
    assert str(folder / "result.json") in str(refused.value)


def test_two_results_of_one_name_are_told_apart_by_what_differs(result, tmp_path):
    for name in ("first", "second"):
        shutil.copytree(result, tmp_path / name / "walk")
    labels = [source.label for source in open_sources([tmp_path / "first/walk", tmp_path / "second/walk"])]
    assert labels == ["first", "second"]
    twice = [source.label for source in open_sources([tmp_path / "first/walk"] * 2)]
    assert twice == [str(tmp_path / "first/walk")] * 2


def test_a_motion_file_has_frames_but_no_video(result):
    source = Source.open(result / "person-3.npz")
    assert (source.summary, source.videos) == (None, {})
    assert "motion file" in source.why_no_video
    last = Motion.load(result / "person-3.npz").frames[-1]
    np.testing.assert_allclose(source.timestamps_s, np.arange(last + 1) / source.fps)
