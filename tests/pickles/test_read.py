"""Pickles ask for memory, and are given no more of it than their files account for."""

import io
import pickle
import struct
import tarfile
import tracemalloc
import zipfile

import pytest
import torch

from tcmr.errors import TcmrError
from tcmr.pickles.read import read_pickle
from tcmr.tensors import read_pth_tar

SIXTEEN_GB = struct.pack("<Q", 1 << 34)


def refused_with(read) -> int:
    """Return the most bytes that Python took while a reader refused a file."""
    tracemalloc.start()
    try:
        with pytest.raises(TcmrError, match="strange"):
            read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x05\x96" + SIXTEEN_GB + b"ab.",  # 14 bytes: a bytearray
        b"\x80\x04\x8e" + SIXTEEN_GB + b"ab.",  # bytes
        b"\x80\x04\x8d" + SIXTEEN_GB + b"ab.",  # text
        b"cbuiltins\nbytearray\n(I17179869184\ntR.",
    ],
)
def test_sixteen_gigabytes_are_not_taken_for_fourteen_bytes(tmp_path, content):
    path = tmp_path / "strange.pkl"
    path.write_bytes(content)
    for read in (lambda: read_pickle(path), lambda: read_pth_tar(path, "gen_state_dict")):
        assert refused_with(read) < 1 << 22


def test_an_archive_behind_another_file_hides_nothing(tmp_path):
    """Torch goes by how a file begins: what asks for memory may stand before an archive of plain tensors."""
    plain, hostile = io.BytesIO(), io.BytesIO()
    torch.save({"gen_state_dict": {}}, plain)
    torch.save({"gen_state_dict": {}}, hostile, _use_new_zipfile_serialization=False)
    state = pickle.dumps({"gen_state_dict": {}}, 2)
    asking = b"\x80\x02}X\1\0\0\0ac__builtin__\nbytearray\n\x8a\x08" + SIXTEEN_GB + b"\x85Rs."
    path = tmp_path / "strange.pkl"
    path.write_bytes(hostile.getvalue().replace(state, asking) + plain.getvalue())
    assert asking in path.read_bytes()
    assert zipfile.is_zipfile(path)
    with pytest.raises(TcmrError, match="bytearray"):
        read_pth_tar(path, "gen_state_dict")


def test_torchs_oldest_format_is_refused(tmp_path):
    with tarfile.open(tmp_path / "strange.pkl", "w") as archive:
        archive.addfile(tarfile.TarInfo("storages"))
    with pytest.raises(TcmrError, match="tar archive"):
        read_pth_tar(tmp_path / "strange.pkl", "gen_state_dict")
