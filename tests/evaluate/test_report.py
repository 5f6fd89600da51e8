import json

from tcmr.evaluate.report import Report, print_report
from tcmr.evaluate.score import Scores

RAW = Scores(151.2, 95.8, 73.7, 66.3, 2.02, 8.4, 1.0, None, None, facing_away_frames=4, frames=400)
MODEL = Scores(130.0, 81.0, 15.0, 13.5, 1.01, 1.2, 0.0, 4.5, None, facing_away_frames=0, frames=400)
REPORT = Report(
    data="beam",
    split="test only",
    protocol="12 joints",
    weights="open",
    command="tcmr evaluate --data beam --weights open",
    rows={"BlazePose": RAW, "TCMR": MODEL},
    parts={"TCMR": {"cam01": MODEL}},
    ends={"TCMR": {"first 8 frames": MODEL, "between": RAW}},
)


def test_table_shows_what_was_measured_and_by_which_command():
    text = REPORT.markdown()
    assert "- command: tcmr evaluate --data beam --weights open" in text
    assert "| BlazePose | 151.2 | 95.8 | 73.7 | 66.3 | 2.02 | 8.40 | 1.0 | 4 | - |" in text
    assert "| TCMR | 130.0 | 81.0 | 15.0 | 13.5 | 1.01 | 1.20 | 0.0 | 0 | 4.5 |" in text
    assert "| cam01 | 130.0 |" in text
    assert "| TCMR: first 8 frames | 130.0 | 81.0 | 15.0 | 1.01 | 4.5 |" in text
    assert "shape" not in text


def test_all_rows_of_a_table_have_the_same_cells():
    first_table = REPORT.markdown().split("\n\n")[1].splitlines()
    assert len({line.count("|") for line in first_table}) == 1


def test_last_line_is_json_with_everything(capsys):
    print_report(REPORT)
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["weights"] == "open"
    assert found["rows"]["TCMR"]["pa_mpjpe_mm"] == 81.0
    assert found["rows"]["BlazePose"]["off_person_percent"] is None
    assert found["parts"]["TCMR"]["cam01"]["speed_kept"] == 1.01
    assert found["ends"]["TCMR"]["between"]["frames"] == 400
