import pytest

from tcmr.cli import main


@pytest.fixture
def refused(capsys):
    """Return a function that runs a command which must exit with 2, and returns the one line that says why."""

    def run(*args: object) -> str:
        with pytest.raises(SystemExit) as stopped:
            main([str(arg) for arg in args])
        lines = capsys.readouterr().err.splitlines()
        assert stopped.value.code == 2
        assert [line for line in lines if line.startswith("tcmr: error: ")] == lines[-1:]
        assert not any("Traceback" in line for line in lines)
        return lines[-1]

    return run
