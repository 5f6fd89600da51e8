"""`tcmr export` as a user calls it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import tcmr
from export import readers
from tcmr.cli import main
from tcmr.export import FORMATS
from tcmr.types import Motion


@pytest.fixture(scope="module")
def result(street, tmp_path_factory) -> Path:
    """Run the main job once on real frames."""
    output = tmp_path_factory.mktemp("results")
    main(["run", str(street), "-o", str(output), "--no-overlay"])
    return output / "street"


def export(*args: object) -> None:
    main(["export", *map(str, args)])


def persons_of(result: Path) -> list[int]:
    return sorted(int(path.stem.removeprefix("person-")) for path in result.glob("person-*.npz"))


@pytest.mark.parametrize("suffix", FORMATS)
def test_everybody_of_a_result_is_exported(suffix, result, tmp_path, capsys):
    export(result, "--to", suffix, "-o", tmp_path)
    persons = persons_of(result)
    together = {f"street.{suffix}"}
    apart = {f"street-person-{person}.{suffix}" for person in persons}
    assert {path.name for path in tmp_path.iterdir()} == (together if suffix in ("glb", "usd") else apart)
    said = capsys.readouterr().out
    assert all(f"person {person}, frames 0-11" in said for person in persons)


def test_one_person_of_a_result(result, tmp_path):
    person = persons_of(result)[-1]
    export(result, "--to", "glb", "-o", tmp_path, "--person", person)
    (path,) = tmp_path.iterdir()
    assert path.name == f"street-person-{person}.glb"
    motion = Motion.load(result / f"person-{person}.npz")
    np.testing.assert_allclose(readers.read_glb(path)[:, 0], motion.transl_m * [1, -1, -1], atol=1e-3)


def test_a_motion_file_keeps_its_name(result, tmp_path):
    person = persons_of(result)[0]
    export(result / f"person-{person}.npz", "--to", "bvh", "-o", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"person-{person}.bvh"]


def test_python_writes_the_same_file(result, tmp_path):
    person = persons_of(result)[0]
    motion = tcmr.Motion.load(result / f"person-{person}.npz")
    motion.export(tmp_path / "by-python.csv", shape="per-frame")
    export(result, "--to", "csv", "--shape", "per-frame", "--person", person, "-o", tmp_path)
    assert (tmp_path / "by-python.csv").read_text() == (tmp_path / f"street-person-{person}.csv").read_text()


def test_everybody_is_put_on_the_ground(result, tmp_path, capsys):
    export(result, "--to", "csv", "--place", "ground", "-o", tmp_path)
    said = capsys.readouterr().out
    for person in persons_of(result):
        assert f"street: person {person}: " in said
        joints_m = readers.read_csv(tmp_path / f"street-person-{person}.csv")
        assert abs(np.median(joints_m[..., 1].min(1))) < 0.3
    motions = [tcmr.Motion.load(result / f"person-{person}.npz") for person in persons_of(result)]
    assert len(tcmr.place(motions, "ground").reports) == len(motions)


def test_what_is_no_result_is_refused(refused, result, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.npz").write_text("no motion")
    assert "tcmr run" in refused("export", tmp_path / "empty", "--to", "glb", "-o", tmp_path)
    assert "tcmr run" in refused("export", tmp_path / "text.npz", "--to", "glb", "-o", tmp_path)
    assert "does not exist" in refused("export", tmp_path / "nothing", "--to", "glb", "-o", tmp_path)
    assert "at least one" in refused("export", "--to", "glb", "-o", tmp_path)
    assert "person 77" in refused("export", result, "--to", "glb", "-o", tmp_path, "--person", 77)
    assert "npz, glb, bvh" in refused("export", result, "--to", "fbx", "-o", tmp_path)
    assert "per-frame" in refused("export", result, "--to", "glb", "--shape", "per-frame", "-o", tmp_path)


def test_a_damaged_summary_is_refused(refused, result, tmp_path):
    shutil.copytree(result, tmp_path / "street")
    (tmp_path / "street" / "result.json").write_text("[]")
    assert "result.json" in refused("export", tmp_path / "street", "--to", "glb", "-o", tmp_path)


def test_a_damaged_result_is_to_be_run_again(refused, result, tmp_path):
    damaged = Path(shutil.copytree(result, tmp_path / "street"))
    person = damaged / f"person-{persons_of(result)[0]}.npz"
    person.unlink()
    said = refused("export", damaged, "--to", "glb", "-o", tmp_path)
    assert f"{person} is not as `tcmr run` writes it: No such file or directory; run the video again" in said
    (damaged / "result.json").write_text("")
    assert "run the video again" in refused("export", damaged, "--to", "glb", "-o", tmp_path)
    assert "run the video again" in refused("view", damaged, "--no-browser")


def test_nothing_is_written_over_its_source(refused, result):
    person = persons_of(result)[0]
    before = (result / f"person-{person}.npz").read_bytes()
    refused("export", result / f"person-{person}.npz", "--to", "npz", "-o", result)
    assert (result / f"person-{person}.npz").read_bytes() == before


def test_two_results_of_one_name_are_refused(refused, result, tmp_path):
    other = tmp_path / "street"
    shutil.copytree(result, other)
    assert "apart" in refused("export", result, other, "--to", "glb", "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_result_with_nobody_is_refused(refused, tmp_path):
    (tmp_path / "result.json").write_text('{"persons": []}')
    assert "nobody" in refused("export", tmp_path, "--to", "glb", "-o", tmp_path)


def test_what_holds_nobody_is_left_out_with_a_warning(result, refused, tmp_path, capsys):
    empty, manifest = tmp_path / "empty", tmp_path / "manifest.jsonl"
    empty.mkdir()
    (empty / "result.json").write_text('{"persons": []}')
    manifest.write_text("{}")
    export(empty, manifest, result, "--to", "glb", "-o", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["street.glb"]
    warnings = capsys.readouterr().err.splitlines()
    assert all(line.startswith("tcmr: warning: ") for line in warnings)
    assert {line.split()[2] for line in warnings} == {str(empty), str(manifest)}
    assert "nobody" in refused("export", empty, manifest, "--to", "glb", "-o", tmp_path / "out")


def test_uneven_times_are_told(result, tmp_path, capsys):
    export(result, "--to", "csv", "-o", tmp_path)
    assert capsys.readouterr().err == ""
    paused = tmp_path / "paused"
    shutil.copytree(result, paused)
    summary = json.loads((paused / "result.json").read_text())
    summary["timestamps_s"] = [time + 20 * (time > 0.2) for time in summary["timestamps_s"]]
    (paused / "result.json").write_text(json.dumps(summary))
    export(paused, "--to", "csv", "-o", tmp_path)
    (warning,) = capsys.readouterr().err.splitlines()
    assert "20.00 s off" in warning
    assert f"timestamps_s in {paused / 'result.json'}" in warning


def test_what_makes_the_camera_s_turns_doubtful_is_told(result, tmp_path, capsys):
    moving = tmp_path / "moving"
    shutil.copytree(result, moving)
    summary = json.loads((moving / "result.json").read_text())
    assert [summary["camera"][name] for name in ("turned_deg", "unexplained", "blind")] == [0, 0, 0]
    summary["camera"] |= {"unexplained": 0.3, "blind": 0.2}
    (moving / "result.json").write_text(json.dumps(summary))
    export(moving, "--to", "csv", "-o", tmp_path, "--place", "smooth")
    moves, hidden = capsys.readouterr().err.splitlines()
    assert "is carried or zooms" in moves
    assert "in 20% of the frames" in hidden
    export(moving, "--to", "csv", "-o", tmp_path)
    export(result, "--to", "csv", "-o", tmp_path, "--place", "smooth")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("camera", ['"mine"', '{"unexplained": "much"}', '{"unexplained": []}'])
def test_a_damaged_camera_is_refused(refused, result, tmp_path, camera):
    shutil.copytree(result, tmp_path / "street")
    (tmp_path / "street" / "result.json").write_text(f'{{"persons": [], "camera": {camera}}}')
    assert "result.json" in refused("export", tmp_path / "street", "--to", "glb", "-o", tmp_path)


@pytest.mark.parametrize("times", ['"soon"', "[[0]]", "[1e999]", "null", "[1" + "0" * 400 + "]"])
def test_damaged_times_are_refused(refused, result, tmp_path, times):
    shutil.copytree(result, tmp_path / "street")
    (tmp_path / "street" / "result.json").write_text(f'{{"persons": [], "timestamps_s": {times}}}')
    assert "result.json" in refused("export", tmp_path / "street", "--to", "glb", "-o", tmp_path)
