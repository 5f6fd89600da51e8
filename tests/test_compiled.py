"""Compiled functions work wherever the package lies, and are kept where there is room."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

SOURCE = """
from tcmr.compiled import compiled

@compiled(nogil=True)
def double(number):
    return 2 * number
"""


def double_of(folder: Path, cache: Path, home: Path, monkeypatch):
    """Return a function that is compiled out of a folder, where numba's folder and the user's are as given."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setattr("numba.config.CACHE_DIR", str(cache))
    (folder / "double.py").write_text(SOURCE)
    spec = spec_from_file_location("double", folder / "double.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.double


@pytest.fixture
def nowhere(tmp_path) -> Path:
    """Return a folder that even the superuser cannot make."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "folder"


def test_without_a_folder_to_write_each_process_compiles(tmp_path, nowhere, monkeypatch):
    (tmp_path / "__pycache__").write_text("")
    assert double_of(tmp_path, nowhere, nowhere, monkeypatch)(21) == 42


def test_numba_s_own_folder_is_used_where_there_is_one(tmp_path, nowhere, monkeypatch):
    assert double_of(tmp_path, tmp_path / "numba", nowhere, monkeypatch)(21) == 42
    assert list((tmp_path / "numba").rglob("double.double-*.nbi"))
