import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tcmr.errors import TcmrError
from tcmr.view.document import named_videos
from tcmr.view.report import write_report
from tcmr.view.shown_result import ShownResult


def test_a_folder_s_name_may_be_no_text(result, tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9 <b>")
    shutil.copytree(result, folder)
    write_report(folder, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<title>caf? &lt;b&gt;</title>" in page


@pytest.mark.parametrize("name", ["", " ", "nothing"])
def test_a_motion_of_no_known_body_is_refused(make_motion, name, tmp_path):
    replace(make_motion(), body=name).save(tmp_path / "person-1.npz")
    with pytest.raises(TcmrError, match="is of the body"):
        write_report(tmp_path / "person-1.npz", tmp_path / "page.html")


def test_a_body_on_a_device_is_brought_to_the_motion(result, open_body, tmp_path):
    """A body on the device "meta" has no numbers: all that can be seen is that they are asked for first."""
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        write_report(result, tmp_path / "page.html", body=open_body.to("meta"))


def showing(label: str, **videos: str) -> ShownResult:
    return ShownResult(label, [], None, {name: Path(file) for name, file in videos.items()})


def test_no_video_of_two_results_is_lost():
    a, b = (showing(label, overlay=f"{label}/overlay.mp4", original=f"{label}.mp4") for label in "ab")
    assert named_videos([a, b]) == {
        "overlay, a": Path("a/overlay.mp4"),
        "original, a": Path("a.mp4"),
        "overlay, b": Path("b/overlay.mp4"),
        "original, b": Path("b.mp4"),
    }


def test_a_video_that_two_results_share_is_named_once():
    a, b = (showing(label, overlay=f"{label}/overlay.mp4", original="one.mp4") for label in "ab")
    assert list(named_videos([a, b])) == ["overlay, a", "original", "overlay, b"]
    assert list(named_videos([a])) == ["overlay", "original"]
