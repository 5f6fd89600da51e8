"""What the README says is so."""

import re
import shutil
from pathlib import Path

from tcmr.evaluate.baselines import BASELINES
from tcmr.evaluate.methods import ALONE, FITTED, PER_FRAME, SETTLED, as_filmed_name

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
TEST_COMMAND = '.venv/bin/pip install -c constraints.txt -e ".[dev]" && .venv/bin/pytest'


def test_ci_takes_the_readmes_test_command():
    assert README.count(TEST_COMMAND) == 1
    script = (ROOT / ".ci" / "run").read_text()
    pattern = re.search(r"grep -m1 '(.*)' README\.md", script)[1]
    matching = [line for line in README.splitlines() if re.search(pattern, line)]
    assert [line.strip() for line in matching] == [TEST_COMMAND]


def test_the_file_tree_names_everything_that_is_there():
    tree = README.split("## Files")[1].split("## Limits")[0]
    named = {line.split()[0].rstrip("/") for line in tree.splitlines() if line.startswith("    ")}
    packages = {
        path.name for path in (ROOT / "src/tcmr").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert packages <= named


def test_links_lead_somewhere():
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_rows_of_the_tables_are_called_as_the_command_calls_them():
    tables = [re.sub(r"[*`]", "", part.split("\n\n")[0]) for part in README.split("\n| method ")[1:]]
    real, rendered = (
        [line.split(" | ")[0].strip("| ") for line in table.splitlines()[2:]] for table in tables
    )
    rows = [*BASELINES, PER_FRAME, ALONE, SETTLED, FITTED]
    assert real == ["BlazePose, its own weights", *rows, as_filmed_name("none", 60.0)]
    assert rendered == rows


def test_every_direct_dependency_is_pinned():
    project = (ROOT / "pyproject.toml").read_text()
    lists = re.findall(r"^(?:dependencies|dev) = \[(.*?)\]", project, re.MULTILINE | re.DOTALL)
    wanted = {re.split(r"[<>=]", name)[0] for names in lists for name in re.findall(r'"(.*?)"', names)}
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert wanted <= pinned


def test_the_python_of_the_readme_runs(street, tmp_path, monkeypatch):
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    shutil.copy(street, tmp_path / "dance.mp4")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(compile(code, "README.md", "exec"), names)
    assert names["vertices_m"].shape == (12, 6890, 3)
    assert len(names["motion"]) == 40
    assert {path.name for path in tmp_path.iterdir()} == {"dance.mp4", "person-1.npz", "results"}
