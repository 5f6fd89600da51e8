import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.types import Motion
from tcmr.view.shown_result import ShownResult, open_results


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
        ({"size": [640]}, "'size' cannot be"),
        ({"camera": {"focal_px": 500.0, "center_px": ["left", 2]}}, "'camera' cannot be"),
        ({"timestamps_s": [0.0, 0.05]}, "after its last"),
        ({"timestamps_s": [0.0, float("nan")]}, "'timestamps_s' cannot be"),
        ({"size": 640}, "'size' cannot be 640"),
        ({"camera": {"focal_px": 500.0, "center_px": 3}}, "'camera' cannot be"),
        ({"seconds": {"total": "long"}}, "'seconds' cannot be"),
        ({"features": 3}, "'features' cannot be 3"),
        ({"options": ["fit"]}, "'options' cannot be"),
        ({"options": {"fit": {"a": 1}}}, "'options' cannot be"),
        ({"warnings": [3]}, "'warnings' cannot be"),
        ({"command": ["tcmr"]}, "'command' cannot be"),
        ({"persons": [{"file": "person-1.npz"}] * 2}, "named twice"),
    ],
)
def test_a_result_that_is_not_as_a_run_writes_it_is_refused(changes, said, copied):
    folder = copied(**changes)
    with pytest.raises(TcmrError, match=said) as refused:
        ShownResult.open(folder)
    assert str(folder / "result.json") in str(refused.value)


def test_two_files_of_one_person_are_refused(copied):
    folder = copied()
    shutil.copy(folder / "person-1.npz", folder / "person-3.npz")
    with pytest.raises(TcmrError, match="of the same person"):
        ShownResult.open(folder)


def test_frames_beyond_what_a_page_holds_are_refused(make_motion, tmp_path):
    file = tmp_path / "person-1.npz"
    motion = make_motion(frames=np.arange(5))
    replace(motion, frames=10**9 + motion.frames).save(file)
    with pytest.raises(TcmrError, match="frame 1000000004 is beyond"):
        _ = ShownResult.open(file).timestamps_s


def test_two_results_of_one_name_are_told_apart_by_what_differs(result, tmp_path):
    for name in ("first", "second"):
        shutil.copytree(result, tmp_path / name / "walk")
    labels = [each.label for each in open_results([tmp_path / "first/walk", tmp_path / "second/walk"])]
    assert labels == ["first", "second"]
    twice = [each.label for each in open_results([tmp_path / "first/walk"] * 2)]
    assert twice == [str(tmp_path / "first/walk")] * 2


def test_a_motion_file_has_frames_but_no_video(result):
    shown = ShownResult.open(result / "person-3.npz")
    assert (shown.summary, shown.videos) == (None, {})
    assert "motion file" in shown.why_no_video
    last = Motion.load(result / "person-3.npz").frames[-1]
    np.testing.assert_allclose(shown.timestamps_s, np.arange(last + 1) / shown.fps)
