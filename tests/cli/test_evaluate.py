import json
import shlex
from pathlib import Path

from tcmr.cli import main
from tcmr.commands.evaluate import RENDERED, command_line
from tcmr.options import Options


def test_rendered_clips_are_scored_beside_the_baselines(rendered_folder, untrained, capsys):
    main(
        [
            "evaluate",
            "--data",
            "rendered",
            "--rendered",
            str(rendered_folder / "val"),
            "--weights",
            str(untrained),
        ]
    )
    said = capsys.readouterr().out
    report = json.loads(said.splitlines()[-1])
    assert {"BlazePose", "no motion", "ours per frame", "TCMR alone"} <= set(report["rows"])
    assert report["rows"]["+ fitted to the landmarks: tcmr run"]["mpjpe_mm"] > 0
    assert report["command"].startswith("tcmr evaluate --data rendered")
    assert "| method |" in said


def test_a_report_with_every_post_filter(rendered_folder, untrained, tmp_path, capsys):
    main(
        [
            "evaluate",
            "--data",
            "rendered",
            "--rendered",
            str(rendered_folder / "val"),
            "--weights",
            str(untrained),
            "--post-filters",
            "--report",
            str(tmp_path / "report"),
        ]
    )
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["rows"]
    assert {"+ fitted to the landmarks: tcmr run", "tcmr run + slerp", "ours per frame + one-euro"} <= set(
        rows
    )
    unfiltered, filtered = rows["ours per frame"], rows["ours per frame + gaussian"]
    assert filtered["acceleration_kept"] < unfiltered["acceleration_kept"]
    assert filtered["mpvpe_mm"] > 0
    assert {path.name for path in (tmp_path / "report").iterdir()} == {
        "rendered.md",
        "rendered.png",
        "rendered.json",
    }


def test_one_post_filter_is_named_in_the_row(rendered_folder, untrained, capsys):
    data = ["--data", "rendered", "--rendered", str(rendered_folder / "val")]
    main(["evaluate", *data, "--weights", str(untrained), "--smooth", "slerp"])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "tcmr run + slerp" in report["rows"]
    assert "--smooth slerp" in report["command"]


def test_the_report_says_how_to_repeat_it(rendered_folder, untrained, capsys):
    words = ["--data", "rendered", "--rendered", str(rendered_folder / "val"), "--post-filters"]
    words += ["--weights", str(untrained), "--landmark-weights", "blazepose", "--edges", "static"]
    words += ["--mirrored", "off", "--fit", "off", "--focal", "1500.0", "--height", "1.7"]
    main(["evaluate", *words])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["command"] == shlex.join(["tcmr", "evaluate", *words])
    main(shlex.split(report["command"])[1:])
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == report


def test_what_is_as_by_default_is_left_out_of_the_command_and_names_are_quoted():
    assert command_line("beam", RENDERED, False, Options()) == "tcmr evaluate --data beam"
    said = command_line(Path("my store"), RENDERED, False, Options(body="SMPL folder"))
    assert said == "tcmr evaluate --data 'my store' --body 'SMPL folder'"


def test_a_folder_of_rendered_clips_is_refused_where_none_is_read(refused, tmp_path):
    for data in ("beam", "pair", "demo", tmp_path):
        assert "--rendered is for --data rendered" in refused(
            "evaluate", "--data", data, "--rendered", tmp_path
        )


def test_a_folder_without_clips_is_refused(refused, untrained, tmp_path):
    refused("evaluate", "--data", "rendered", "--rendered", tmp_path, "--weights", untrained)
