"""Files that are written: whole or not at all."""

import hashlib
import re
from pathlib import Path

import pytest

from tcmr.files import file_sha256, made_whole, written_whole


def test_a_file_takes_its_name_when_all_of_it_is_there(tmp_path):
    path = tmp_path / "some.txt"
    path.write_bytes(b"old")
    with written_whole(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def write_half(path: Path, error: type[BaseException]) -> None:
    with written_whole(path) as file:
        file.write(b"half")
        raise error


def make_half(path: Path, error: type[BaseException]) -> None:
    with made_whole(path) as partial:
        partial.write_bytes(b"half")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("write", [write_half, make_half])
def test_after_an_error_the_old_file_is_as_it_was_and_nothing_else_is_left(tmp_path, write, error):
    path = tmp_path / "some.txt"
    path.write_bytes(b"old")
    with pytest.raises(error):
        write(path, error)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_of_the_disk_names_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path, Path()):
        with pytest.raises(OSError, match=re.escape(str(folder))) as refusal, written_whole(folder) as file:
            file.write(b"some")
        assert refusal.value.filename == str(folder)


def test_the_hash_is_that_of_the_content(tmp_path):
    (tmp_path / "some").write_bytes(b"content")
    assert file_sha256(tmp_path / "some") == hashlib.sha256(b"content").hexdigest()
