import os
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
        (PermissionError(13, "Permission denied", "a.mp4"), 2, "tcmr: error: a.mp4: Permission denied\n"),
        (OSError(28, "No space left"), 2, "tcmr: error: cannot write a file: No space left\n"),
        (OSError("no such device"), 2, "tcmr: error: no such device\n"),
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


@pytest.mark.parametrize("module", ["tyro", "tcmr.commands.study"])
def test_interrupted_while_it_is_imported_it_says_so_in_one_line(module):
    """Whatever the moment of Ctrl-C: it comes in the middle of a module that is imported first, or last."""
    start = (
        "import os, signal, sys, importlib.abc\n"
        "class Interrupting(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from tcmr.cli import main; main(['study', '--list'])"
    )
    done = python("-c", start)
    assert (done.returncode, done.stderr, done.stdout) == (130, "tcmr: interrupted\n", "")


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_a_name_that_is_no_text_can_be_printed(encoding, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    name = "caf\udce9\u00e9"
    command = f"cli._command = lambda name: lambda: print({name!r})"
    done = python("-c", f"from tcmr import cli; {command}; cli.main(['demo'])")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("caf\\udce9")


@pytest.mark.parametrize("args", [["study", "--list"], ["--help"]])
def test_it_ends_quietly_when_nobody_reads(args):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "tcmr", *args]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_our_own_mistakes_keep_their_traceback(monkeypatch):
    def command() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "_command", lambda name: command)
    with pytest.raises(ZeroDivisionError):
        cli.main(["demo"])
