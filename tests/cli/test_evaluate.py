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


def test_a_folder_without_clips_is_refused(refused, untrained, tmp_path):
    refused("evaluate", "--data", "rendered", "--rendered", tmp_path, "--weights", untrained)
