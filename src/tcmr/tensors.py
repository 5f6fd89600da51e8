"""Tensors from files into networks: read without running anything, loaded strictly or not at all."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from tcmr.errors import TcmrError
from tcmr.files import made_whole, open_file, require_file
from tcmr.torch_files import load_torch

FAULTS_TOLD = 5


def read_pth_tar(path: Path, entry: str) -> dict[str, Tensor]:
    """Return the tensors that a released checkpoint (.pth.tar) keeps under an entry, by name.

    Only tensors and plain values are unpickled; whatever else the file asks for is refused.

    Raises:
        TcmrError: the file is missing, damaged or unsafe, or has no tensors under that entry.
    """
    try:
        with open_file(path) as file:
            content = load_torch(file, path.stat().st_size)
    except OSError as error:
        raise TcmrError(f"cannot read the checkpoint {path}: {error.strerror or error}") from error
    except Exception as error:  # a damaged pickle can raise nearly anything
        asked = isinstance(error, TcmrError)
        reason = str(error) if asked else "it is damaged or no checkpoint"
        raise TcmrError(f"{path} was refused: {reason}; get it again from its publisher") from error
    tensors = content.get(entry) if isinstance(content, Mapping) else None
    if not isinstance(tensors, Mapping):
        raise TcmrError(f"{path} has no {entry}: it is another file than is needed here")
    foreign = [str(name) for name, value in tensors.items() if not isinstance(value, Tensor)]
    if foreign:
        raise TcmrError(f"{path}: {', '.join(foreign[:FAULTS_TOLD])} under {entry} are no tensors")
    return dict(tensors)


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a .safetensors file, by name.

    Raises:
        TcmrError: the file is missing or damaged.
    """
    try:
        require_file(path)
        with safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise TcmrError(f"cannot read the weights {path}: {error}") from error


def read_metadata(path: Path) -> dict[str, str]:
    """Return what a .safetensors file says of its tensors, without reading them.

    Raises:
        TcmrError: the file is missing or damaged.
    """
    try:
        require_file(path)
        with safe_open(path, "pt") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise TcmrError(f"cannot read the weights {path}: {error}") from error


def save_safetensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write tensors, each into a place of its own, and what is to be known of them; whole or not at all.

    Raises:
        TcmrError: the file cannot be written.
    """
    separate = {name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()}
    try:
        with made_whole(path) as partial:
            save_file(separate, partial, dict(metadata))
    except (OSError, SafetensorError) as error:
        raise TcmrError(f"cannot write {path}: {error}") from error


def fill_strictly(network: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Load tensors into a network: just those that it has, of the same shapes, all finite.

    A network without memory (on the device "meta") gets some when all fits.

    Raises:
        TcmrError: a tensor is missing, unknown, of another shape or not finite; the message names it and `path`.
    """
    needed = network.state_dict()
    faults = [f"{name} is missing" for name in needed if name not in tensors]
    for name, tensor in tensors.items():
        if name not in needed:
            faults.append(f"{name} is unknown")
        elif tensor.shape != needed[name].shape and not _is_old_scalar(tensor, needed[name]):
            faults.append(f"{name} is {list(tensor.shape)}, not {list(needed[name].shape)}")
        elif not tensor.isfinite().all():
            faults.append(f"{name} is not finite")
    if faults:
        more = f" and {len(faults) - FAULTS_TOLD} more" if len(faults) > FAULTS_TOLD else ""
        raise TcmrError(f"the weights {path} cannot be used: {'; '.join(faults[:FAULTS_TOLD])}{more}")
    if any(tensor.is_meta for tensor in needed.values()):
        network.to_empty(device="cpu")
    network.load_state_dict(tensors)


def _is_old_scalar(tensor: Tensor, needed: Tensor) -> bool:
    """Tell whether a file has a vector of one where a number is needed, as from PyTorch 0.3, which torch accepts."""
    return needed.ndim == 0 and tensor.shape == (1,)
