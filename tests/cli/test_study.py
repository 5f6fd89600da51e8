"""`tcmr study` as a user runs it, on made-up clips."""

import json
import shutil

import pytest

from tcmr.cli import main


@pytest.fixture
def studio(rendered_folder, motion_file, tmp_path) -> list[str]:
    """Return the options that name made-up clips, with people to test on."""
    rendered = tmp_path / "rendered"
    shutil.copytree(rendered_folder / "train", rendered / "train")
    shutil.copytree(rendered_folder / "val", rendered / "test")
    options = {"rendered": rendered, "motion": motion_file, "folder": tmp_path / "studies"}
    return [text for name, value in options.items() for text in (f"--{name}", str(value))]


def test_a_quick_study_ends_in_table_and_plot_and_goes_on_where_it_was(studio, tmp_path, capsys):
    page = tmp_path / "studies.md"
    page.write_text("<!-- residual -->\n<!-- /residual -->\n")
    command = ["study", "residual", "--quick", "--seeds", "1", *studio]
    main(command)
    first = capsys.readouterr().out
    assert "| no residual, PoseForecast (TCMR) |" in first
    assert "| paper: PA-MPJPE mm |" in first.replace("paper: Accel", "|")
    results = (tmp_path / "studies" / "residual" / "results.jsonl").read_text().splitlines()
    assert len(results) == 5
    assert all(json.loads(line)["figures"]["mpjpe_mm"] > 0 for line in results)
    main([*command, "--page", str(page)])
    assert "seed 0:" not in capsys.readouterr().out
    assert "tcmr study residual --quick --seeds 1" in page.read_text()
    for suffix in ("png", "svg"):
        assert (tmp_path / "pictures" / "studies" / f"residual.{suffix}").stat().st_size > 1000


def test_every_study_is_listed_with_its_question(capsys):
    main(["study", "--list"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines][:3] == ["residual", "longer", "target"]
    assert all(line.endswith("?") for line in lines)


def test_an_unknown_study_is_refused(refused):
    assert "there are: residual, longer" in refused("study", "residuals")


def test_missing_clips_are_refused(refused, tmp_path):
    assert "tcmr synth" in refused("study", "residual", "--rendered", tmp_path)


def test_a_study_without_a_single_seed_is_refused(refused):
    assert "--seeds must be above 0" in refused("study", "residual", "--seeds", "0")
