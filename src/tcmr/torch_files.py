"""Torch's own files, read without running anything and without taking more memory than they account for.

`torch.load` with `weights_only` runs no code, but believes what a file says of sizes: it expands what is
compressed, makes byte arrays of any length, and lets a tensor of any shape stand on a few bytes. So what a file
names and how its archive is packed is looked at before, and the tensors' sizes afterwards.
"""

import io
import pickletools
import re
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO, cast

import numpy as np
import torch
from torch import Tensor
from torch.serialization import safe_globals

from tcmr.errors import TcmrError
from tcmr.pickles.bounded import TORCH_LEGACY_PICKLES, Bounded

# Released checkpoints keep a validation score beside their tensors: a numpy scalar, which numpy 1 wrote.
_SCALAR = np.float64(0).__reduce__()[0]
_NUMPY_SCALARS: list[Any] = [
    (_SCALAR, "numpy.core.multiarray.scalar"),
    (_SCALAR, "numpy._core.multiarray.scalar"),
    np.dtype,
    *(type(np.dtype(kind)) for kind in (np.float32, np.float64, np.int32, np.int64)),
]
_NEEDED = re.compile(
    r"collections (OrderedDict|Counter)|torch\._utils _rebuild_(tensor|tensor_v2|parameter)"
    r"|torch\.nn\.parameter Parameter|torch(\.storage)? \w+Storage|torch Size|torch device|torch\.\w+"
    r"|_codecs encode|(builtins|__builtin__) (set|complex)|numpy\._?core\.multiarray scalar|numpy dtype"
)
_ZIP = b"PK\x03\x04"
_WAYS_AROUND = ("STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4")


def load_torch(file: io.BufferedIOBase, size: int) -> Any:
    """Return what a file of so many bytes holds, saved by `torch.save` in either of its formats.

    Raises:
        TcmrError: it asks for something that no tensors need.
        Exception: it is damaged; of nearly any kind.
    """
    for named in _named(file, size):
        if not _NEEDED.fullmatch(named):
            raise TcmrError(f"it asks for {named.replace(' ', '.')}, which no checkpoint needs")
    file.seek(0)
    with safe_globals(_NUMPY_SCALARS):
        content = torch.load(cast(BinaryIO, file), map_location="cpu", weights_only=True)
    _refuse_inflated(content, size)
    return content


def _named(file: io.BufferedIOBase, size: int) -> Iterator[str]:
    """Yield the module and name of all that the pickles in a file ask for, without executing any of them."""
    # As torch tells its formats apart; an archive may also stand at the end of another file.
    if file.read(len(_ZIP)) != _ZIP:
        _refuse_tar(file)
        content = Bounded(file, size)
        for _ in range(TORCH_LEGACY_PICKLES):
            yield from _globals(content)
        return
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_STORED:
                raise TcmrError(f"its {info.filename} is compressed, which torch never does")
            if info.filename.endswith(".pkl"):
                with archive.open(info) as member:
                    yield from _globals(Bounded(cast(io.BufferedIOBase, member), info.file_size))


def _refuse_tar(file: io.BufferedIOBase) -> None:
    """Make sure that torch will not take a file for its oldest format, for which it makes a folder."""
    file.seek(0)
    with suppress(tarfile.TarError), tarfile.open(fileobj=cast(BinaryIO, file), mode="r:"):
        raise TcmrError("it is a tar archive, which torch wrote before version 0.1.10")
    file.seek(0)


def _globals(content: Bounded) -> Iterator[str]:
    for operation, argument, _ in pickletools.genops(cast(Any, content)):
        if operation.name == "GLOBAL":
            yield str(argument)
        elif operation.name in _WAYS_AROUND:
            yield f"{operation.name} {argument}"


def _refuse_inflated(content: Any, size: int) -> None:
    """Make sure that no tensor is larger than the file: a shape may repeat a few numbers without end."""
    waiting, seen = [content], set[int]()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Tensor) and value.numel() * value.element_size() > size:
            raise TcmrError(f"it has a tensor of {list(value.shape)}, larger than itself")
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
