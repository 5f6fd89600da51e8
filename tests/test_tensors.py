"""Checkpoints read without running anything, networks filled strictly."""

import os
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tcmr.errors import TcmrError
from tcmr.tensors import fill_strictly, read_pth_tar, save_safetensors


class Attack:
    """Ask, when unpickled, for a command to be run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 1",)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "some.pth.tar"


@pytest.mark.parametrize("new_format", [True, False])
@pytest.mark.parametrize("numpy_core", [b"numpy._core.multiarray", b"numpy.core.multiarray"])
def test_a_checkpoint_gives_the_tensors_under_an_entry(path, new_format, numpy_core):
    """Released checkpoints are of the old format and keep a numpy score, of numpy 1."""
    score = {"performance": np.float64(56.5), "mean": np.float32(1.5), "epoch": np.int64(3)}
    tensors = OrderedDict(weight=torch.arange(3.0), count=torch.tensor(1))
    torch.save(
        {"model": tensors, "optimizer": {"lr": 5e-5}, **score},
        path,
        _use_new_zipfile_serialization=new_format,
    )
    if not new_format:
        path.write_bytes(path.read_bytes().replace(b"numpy._core.multiarray", numpy_core))
    read = read_pth_tar(path, "model")
    assert list(read) == ["weight", "count"]
    assert all(torch.equal(read[name], tensors[name]) for name in tensors)


def refusal_of(path: Path) -> str:
    with pytest.raises(TcmrError, match=r"some\.pth\.tar") as refusal:
        read_pth_tar(path, "model")
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize("new_format", [True, False])
def test_code_is_never_run(path, new_format):
    torch.save({"model": Attack()}, path, _use_new_zipfile_serialization=new_format)
    said = refusal_of(path)
    assert "it asks for posix.system" in said or "it asks for nt.system" in said


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 100, b"PK\x03\x04" + bytes(100)])
def test_garbage_is_refused(path, content):
    path.write_bytes(content)
    assert "was refused" in refusal_of(path)


@pytest.mark.parametrize("new_format", [True, False])
def test_a_truncated_checkpoint_is_refused(path, new_format):
    torch.save({"model": {"weight": torch.ones(64)}}, path, _use_new_zipfile_serialization=new_format)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, 37):
        path.write_bytes(whole[:length])
        assert "was refused" in refusal_of(path)


@pytest.mark.parametrize("content", [[1], {"gen_state_dict": {}}, {"model": torch.ones(1)}])
def test_another_checkpoint_is_refused(path, content):
    torch.save(content, path)
    assert "has no model" in refusal_of(path)


def test_entries_must_be_tensors(path):
    torch.save({"model": {"weight": torch.ones(1), "note": "mine"}}, path)
    assert "note under model are no tensors" in refusal_of(path)


def test_a_missing_file_is_told(path):
    assert "No such file" in refusal_of(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": None}, "weight is missing"),
        ({"other": torch.ones(1)}, "other is unknown"),
        ({"weight": torch.ones(3, 2)}, r"weight is \[3, 2\], not \[2, 3\]"),
        ({"bias": torch.tensor([1.0, float("nan")])}, "bias is not finite"),
        ({"bias": torch.tensor([1.0, float("inf")])}, "bias is not finite"),
        ({f"extra{number}": torch.ones(1) for number in range(9)}, "extra4 is unknown and 4 more$"),
    ],
)
def test_a_network_is_filled_strictly_or_not_at_all(path, change, said):
    network = nn.Linear(3, 2)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    tensors = {"weight": torch.ones(2, 3), "bias": torch.ones(2)} | change
    tensors = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    with pytest.raises(TcmrError, match=said):
        fill_strictly(network, tensors, path)
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_a_network_is_filled(path):
    network = nn.Linear(3, 2)
    fill_strictly(network, {"weight": torch.full((2, 3), 2.0), "bias": torch.ones(2)}, path)
    assert network(torch.ones(3)).tolist() == [7.0, 7.0]


def test_a_number_may_come_as_a_vector_of_one(path):
    network = nn.BatchNorm2d(2)
    fill_strictly(network, {**network.state_dict(), "num_batches_tracked": torch.tensor([7])}, path)
    assert network.num_batches_tracked.shape == ()
    assert network.num_batches_tracked == 7


def test_weights_that_cannot_be_written_leave_nothing(tmp_path):
    (tmp_path / "weights.safetensors").mkdir()
    with pytest.raises(TcmrError, match=r"cannot write .*weights\.safetensors"):
        save_safetensors(tmp_path / "weights.safetensors", {"weight": torch.ones(2)}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["weights.safetensors"]
