import json
from pathlib import Path

import av
import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.evaluate.report import Report
from tcmr.evaluate.report_files import save_report
from tcmr.evaluate.score import Scores

BAR_RGB = (31, 119, 180)  # matplotlib's first colour
PLACED = Scores(off_person_percent=3.0)


def report(rows: dict[str, Scores], **more: object) -> Report:
    return Report(
        data="the data", split="", protocol="", weights="", command="tcmr evaluate", rows=rows, **more
    )


def picture(path: Path) -> np.ndarray:
    with av.open(str(path)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


def test_a_report_is_tables_picture_and_json(tmp_path):
    ends = {"ours": {"first 8 frames": Scores(mpjpe_mm=90.0), "between": Scores(mpjpe_mm=80.0)}}
    made = report({"ours": Scores(mpjpe_mm=81.0, speed_kept=0.9)}, ends=ends)
    save_report(made, tmp_path, "beam")
    text = (tmp_path / "beam.md").read_text()
    assert "# the data" in text
    assert "| ours | 81.0 | 0.90 |" in text
    assert "(beam.png)" in text
    assert json.loads((tmp_path / "beam.json").read_text())["rows"]["ours"]["mpjpe_mm"] == 81


def test_bars_are_as_long_as_the_numbers_in_the_order_of_the_table(tmp_path):
    save_report(report({"short": Scores(mpjpe_mm=50.0), "long": Scores(mpjpe_mm=100.0)}), tmp_path, "bars")
    blue = (np.abs(picture(tmp_path / "bars.png").astype(int) - BAR_RGB) < 8).all(-1).sum(1)
    tops = np.flatnonzero((blue[1:] > 0) & (blue[:-1] == 0)) + 1
    assert len(tops) == 3  # two bars and the legend's patch
    short, long = blue[tops[:2] + 3]
    assert long == pytest.approx(2 * short, abs=3)


def test_a_report_of_one_number_is_drawn_too(tmp_path):
    save_report(report({"ours": PLACED}), tmp_path, "demo")
    assert picture(tmp_path / "demo.png").std() > 5


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(TcmrError, match="cannot write the report"):
        save_report(report({"ours": PLACED}), tmp_path / "none", "demo")
