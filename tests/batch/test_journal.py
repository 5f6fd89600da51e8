"""Lines that survive crashes and full disks."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import fsspec
import pytest

from tcmr.batch.journal import LocalJournal, RemoteJournal
from tcmr.batch.remote_place import RemotePlace
from tcmr.errors import TcmrError


@contextmanager
def full_disk_from(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size: a write is cut there, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_lines_are_there_again(tmp_path):
    journal = LocalJournal(tmp_path / "j")
    assert journal.read() == []
    journal.append(["one", "two"])
    journal.append(["three"])
    assert LocalJournal(tmp_path / "j").read() == ["one", "two", "three"]


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_line_that_a_crash_cut_off_is_as_if_it_had_not_been_written(tmp_path, cut):
    path = tmp_path / "j"
    path.write_bytes(b"one\n" + b"two\nthree\n"[:cut])
    whole = path.read_bytes().count(b"\n")
    journal = LocalJournal(path)
    assert journal.read() == ["one", "two"][:whole]
    journal.append(["new"])
    assert journal.read() == [*["one", "two"][:whole], "new"]


def test_a_full_disk_leaves_whole_lines(tmp_path):
    journal = LocalJournal(tmp_path / "j")
    journal.read()
    journal.append(["x" * 50])
    with (
        full_disk_from(100),
        pytest.raises(TcmrError, match=r"cannot be written.*run the same command again"),
    ):
        journal.append(["y" * 90])
    assert (tmp_path / "j").read_text() == "x" * 50 + "\n"
    journal.append(["z"])
    assert journal.read() == ["x" * 50, "z"]


def test_a_file_that_was_deleted_is_not_made_anew(tmp_path):
    journal = LocalJournal(tmp_path / "j")
    journal.read()
    (tmp_path / "j").unlink()
    with pytest.raises(TcmrError, match="cannot be written"):
        journal.append(["lost"])
    assert list(tmp_path.iterdir()) == []


def test_a_store_has_all_lines_at_the_end():
    place = RemotePlace.of("memory://journal/manifest.jsonl")
    journal = RemoteJournal(place)
    assert journal.read() == []
    for number in range(100):
        journal.append([str(number)])
    journal.close()
    assert RemoteJournal(place).read() == [str(number) for number in range(100)]
    fsspec.filesystem("memory").rm("/journal", recursive=True)
