"""Settings from TOML: all that is said is understood, and nothing else gets through."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tcmr.commands.train import main as train
from tcmr.errors import TcmrError
from tcmr.train.settings import read_settings, stage_of_file


@dataclass(frozen=True)
class Inner:
    depth: int = 2


@dataclass(frozen=True)
class Outer:
    kind: Literal["a", "b"]
    where: Path
    rate: float
    names: tuple[str, ...] = ()
    flag: bool = False
    maybe: Path | None = None
    inner: Inner = Inner()
    option: Inner | None = None


LEAST = 'kind = "a"\nwhere = "x/y"\nrate = 1\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text)
    return path


def test_the_least(tmp_path):
    assert read_settings(Outer, written(tmp_path, LEAST)) == Outer("a", Path("x/y"), 1.0)


def test_everything(tmp_path):
    more = 'names = ["p", "q"]\nflag = true\nmaybe = "z"\n[inner]\ndepth = 3\n[option]\ndepth = 4\n'
    assert read_settings(Outer, written(tmp_path, LEAST + more)) == Outer(
        "a", Path("x/y"), 1.0, ("p", "q"), True, Path("z"), Inner(3), Inner(4)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LEAST + "rat = 2\n", "unknown settings: rat"),
        (LEAST + "[inner]\ndeep = 2\n", r"unknown settings: inner\.deep"),
        ('kind = "a"\n', "missing settings: where, rate"),
        (LEAST.replace('"a"', '"c"'), "kind must be 'a' or 'b', not 'c'"),
        (LEAST.replace("= 1", '= "1"'), "rate must be a number, not '1'"),
        (LEAST.replace("= 1", "= true"), "rate must be a number, not True"),
        (LEAST + "flag = 1\n", "flag must be true or false, not 1"),
        (LEAST + 'names = "p"\n', "names must be a list of text, not 'p'"),
        (LEAST + "names = [1]\n", "names must be text, not 1"),
        (LEAST + "inner = 3\n", "inner must be a table, not 3"),
        (LEAST + "[inner]\ndepth = 2.0\n", r"inner\.depth must be a whole number, not 2\.0"),
        ("kind = ", "cannot read the configuration"),
    ],
)
def test_what_cannot_be_is_refused_by_name(tmp_path, text, said):
    with pytest.raises(TcmrError, match=rf"mine\.toml.*{said}|{said}.*mine\.toml"):
        read_settings(Outer, written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TcmrError, match=r"gone\.toml"):
        read_settings(Outer, tmp_path / "gone.toml")


def test_the_kind_of_run_is_told_without_reading_the_rest(tmp_path):
    assert stage_of_file(written(tmp_path, 'stage = "paper"\nwrong = 1\n')) == "paper"
    assert stage_of_file(written(tmp_path, "")) is None


@pytest.mark.parametrize("said", ["", 'stage = "sttaic"\n', "stage = [1]\n"])
def test_a_stage_that_is_not_known_is_told_with_all_that_are(tmp_path, said):
    with pytest.raises(TcmrError, match="one of: landmarks, static, temporal, paper"):
        train(written(tmp_path, said))
