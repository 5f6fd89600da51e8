import json

from tcmr.cli import main


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
    assert {"BlazePose", "no motion", "ours per frame", "ours (TCMR)"} <= set(report["rows"])
    assert report["rows"]["ours (TCMR)"]["mpjpe_mm"] > 0
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
    assert {"ours (TCMR)", "ours (TCMR) + slerp", "ours per frame + one-euro"} <= set(rows)
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
    assert "ours (TCMR) + slerp" in report["rows"]
    assert "--smooth slerp" in report["command"]


def test_a_folder_without_clips_is_refused(refused, untrained, tmp_path):
    refused("evaluate", "--data", "rendered", "--rendered", tmp_path, "--weights", untrained)
