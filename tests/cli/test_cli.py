import subprocess
import sys
from typing import get_args

import pytest

from tcmr import cli
from tcmr.errors import TcmrError
from tcmr.model.windows import Edges


def python(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, check=False)


def test_help_names_every_command():
    done = python("-m", "tcmr", "--help")
    assert done.returncode == 0
    for name in cli.COMMANDS:
        assert name in done.stdout


def test_help_and_import_do_not_load_torch():
    check = "import sys, tcmr, tcmr.cli; print([m for m in ('torch', 'numpy', 'av') if m in sys.modules])"
    assert python("-c", check).stdout.strip() == "[]"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_that_says_what_it_does(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main([name, "--help"])
    assert stopped.value.code == 0
    first_words = " ".join(cli.COMMANDS[name].split()[:4])
    assert first_words in capsys.readouterr().out


@pytest.mark.parametrize("name", ["run", "predict"])
def test_help_describes_every_choice_of_edges(name, capsys):
    with pytest.raises(SystemExit):
        cli.main([name, "--help"])
    said = capsys.readouterr().out
    assert all(f'"{edges}"' in said for edges in get_args(Edges))


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["nothing"])
    assert stopped.value.code == 2


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (TcmrError("a file\n  is bad"), 2, "tcmr: error: a file is bad\n"),
        (KeyboardInterrupt(), 130, "tcmr: interrupted\n"),
    ],
)
def test_users_read_one_line(error, code, said, monkeypatch, capsys):
    def command() -> None:
        raise error

    monkeypatch.setattr(cli, "_command", lambda name: command)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["demo"])
    assert stopped.value.code == code
    assert capsys.readouterr().err == said


def test_our_own_mistakes_keep_their_traceback(monkeypatch):
    def command() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "_command", lambda name: command)
    with pytest.raises(ZeroDivisionError):
        cli.main(["demo"])
