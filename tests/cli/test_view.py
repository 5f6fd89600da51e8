"""`tcmr view`, `tcmr plot` and `tcmr run --report` as a user calls them."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import tcmr
from tcmr.cli import main


@pytest.fixture(scope="module")
def result(street, untrained, tmp_path_factory) -> Path:
    """Run the main job once on real frames, with its report."""
    output = tmp_path_factory.mktemp("results")
    main(["run", str(street), "-o", str(output), "--weights", str(untrained), "--report"])
    return output / "street"


def scene_of(page: str) -> dict:
    return json.loads(re.search(r'id="scene">(.*?)</script>', page).group(1))


def test_run_leaves_a_report_with_the_video_in_it(result):
    page = (result / "report.html").read_text("utf-8")
    scene = scene_of(page)
    assert len(scene["timestamps"]) == 12
    assert scene["videos"] == [{"name": "overlay", "id": "video"}]
    assert len(page) > (result / "overlay.mp4").stat().st_size * 4 / 3
    assert not re.search(r"""(src|href)=["']https?:""", page)


def test_view_exports_one_file_and_python_the_same(result, tmp_path, capsys):
    main(["view", str(result), "--export", str(tmp_path / "page.html")])
    assert "MB" in capsys.readouterr().out
    tcmr.write_report(result, tmp_path / "by-python.html")
    assert (tmp_path / "page.html").read_bytes() == (tmp_path / "by-python.html").read_bytes()


def test_view_serves_until_interrupted_and_says_where(result):
    command = [sys.executable, "-m", "tcmr", "view", str(result), "--no-browser"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        said = process.stdout.readline()
        address = re.match(r"http://127\.0\.0\.1:\d+/", said).group()
        assert "open this address in a browser" in said
        with urllib.request.urlopen(address) as answer:
            scene = scene_of(answer.read().decode())
        with urllib.request.urlopen(address + scene["videos"][0]["address"][1:]) as answer:
            assert answer.read() == (result / "overlay.mp4").read_bytes()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


@pytest.fixture(scope="module")
def per_frame(street, untrained, tmp_path_factory) -> Path:
    """Run the main job without TCMR."""
    output = tmp_path_factory.mktemp("per-frame")
    weights = ["--weights", str(untrained)]
    main(["run", str(street), "-o", str(output), *weights, "--temporal", "off", "--no-overlay"])
    return output / "street"


def test_tcmr_is_compared_with_each_frame_by_itself(result, per_frame, tmp_path):
    main(["view", str(result), str(per_frame), "--export", str(tmp_path / "page.html")])
    with_tcmr, without = scene_of((tmp_path / "page.html").read_text("utf-8"))["results"]
    assert [person["id"] for person in with_tcmr["persons"]] == [
        person["id"] for person in without["persons"]
    ]
    assert with_tcmr["label"].startswith("A: results")
    assert without["label"].startswith("B: per-frame")
    commands = [dict(each["facts"])["command"] for each in (with_tcmr, without)]
    assert ["--temporal off" in command for command in commands] == [False, True]
    assert "temporal off, edges reflect, fit off, smooth none" in dict(without["facts"])["choices"]


def test_a_result_that_does_not_say_how_it_was_made_is_shown_all_the_same(result, tmp_path):
    older = Path(shutil.copytree(result, tmp_path / "older")) / "result.json"
    summary = json.loads(older.read_text())
    older.write_text(
        json.dumps(
            {k: v for k, v in summary.items() if k not in ("command", "options", "features", "landmarks")}
        )
    )
    main(["view", str(older.parent), "--export", str(tmp_path / "page.html")])
    facts = dict(scene_of((tmp_path / "page.html").read_text("utf-8"))["results"][0]["facts"])
    assert "weights" in facts
    assert not {"command", "choices", "features", "landmarks"} & set(facts)


def test_plots_of_two_results(result, per_frame, tmp_path, capsys):
    main(["plot", str(result), str(per_frame), "-o", str(tmp_path / "plots")])
    names = {path.name for path in (tmp_path / "plots").iterdir()}
    expected = {
        f"{name}.{suffix}"
        for name in ("acceleration", "trajectory", "attention")
        for suffix in ("png", "svg")
    }
    assert names == expected
    assert "acceleration.svg" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["view", "--no-browser"], ["plot", "-o", "plots"]])
def test_what_is_no_result_is_refused(command, refused, result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert "not a result folder" in refused(*command, "empty")
    assert "does not exist" in refused(*command, "nothing")
    assert "not 0" in refused(*command)
    assert "not 3" in refused(*command, result, result, result)
    (tmp_path / "empty" / "result.json").write_text('{"persons": []}')
    assert "nobody was found" in refused(*command, "empty")


def test_only_a_page_is_written(refused, result, tmp_path, monkeypatch):
    copy = Path(shutil.copytree(result, tmp_path / "copy"))
    before = {path: path.read_bytes() for path in copy.iterdir()}
    for path in before.keys() - {copy / "report.html"}:
        assert ".html" in refused("view", copy, "--export", path)
    monkeypatch.chdir(tmp_path)
    assert ".html" in refused("view", copy, "--export", ".")
    assert {path: path.read_bytes() for path in copy.iterdir()} == before


def test_a_page_that_cannot_be_written_is_refused(refused, result, tmp_path):
    assert "nowhere" in refused("view", result, "--export", tmp_path / "nowhere" / "page.html")
