"""Checkpoints of runs: written whole, and read as files that may be damaged or from somebody else.

A network takes tensors that fit it. An optimiser and a schedule take what changes in the course of a run; their
settings are those of the run that goes on.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from tcmr.errors import TcmrError
from tcmr.files import open_file, written_whole
from tcmr.tensors import fill_strictly
from tcmr.torch_files import load_torch

# What has a state, or such things by name.
Part = nn.Module | Optimizer | ReduceLROnPlateau | Mapping[str, "Part"]
# Of Adam's state, tensors like the parameter; beside them it counts its steps.
_MOMENTS = {"exp_avg", "exp_avg_sq"}
_PLATEAU = ("best", "num_bad_epochs", "cooldown_counter", "last_epoch", "_last_lr")


def save_checkpoint(path: Path, step: int, parts: Mapping[str, Part], **more: Any) -> None:
    """Write the state of a run's parts after a step, and plain values, whole or not at all."""
    with written_whole(path) as file:
        torch.save({"step": step} | _states(parts) | more, file)


def resume(path: Path, parts: Mapping[str, Part]) -> dict[str, Any]:
    """Load a run's parts from its checkpoint; return all of it, with the number of steps done as "step".

    Without a checkpoint the parts stay as they are, and no steps are done.

    Raises:
        TcmrError: the checkpoint is damaged, or that of another network.
    """
    if not path.exists() and not path.is_symlink():
        return {"step": 0}
    try:
        with open_file(path) as file:
            state = load_torch(file, path.stat().st_size)
        if not isinstance(state, dict):
            raise TcmrError("it is no checkpoint of a run")
        _require(type(state.get("step")) is int and state["step"] >= 0, "its number of steps is none")
        _load(parts, state, "parts", path)
    except Exception as error:  # a damaged pickle can raise nearly anything
        known = isinstance(error, TcmrError | OSError)
        reason = str(error) if known else f"it is damaged ({type(error).__name__})"
        raise TcmrError(
            f"cannot go on from {path}: {reason}; delete it to begin anew, or take another folder with --run"
        ) from error
    return state


def _states(parts: Mapping[str, Part]) -> dict[str, Any]:
    return {
        name: _states(part) if isinstance(part, Mapping) else part.state_dict()
        for name, part in parts.items()
    }


def _load(part: Part, state: Any, name: str, path: Path) -> None:
    _require(isinstance(state, dict), f"it has no {name}")
    if isinstance(part, Mapping):
        for inner, each in part.items():
            _load(each, state.get(inner), inner, path)
    elif isinstance(part, nn.Module):
        _require(all(isinstance(tensor, Tensor) for tensor in state.values()), f"its {name} is no network")
        fill_strictly(part, state, path)
    elif isinstance(part, Optimizer):
        part.load_state_dict(_of_optimiser(part, state, name))
    else:
        part.load_state_dict(_of_plateau(part, state, name))


def _of_optimiser(optimiser: Optimizer, state: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the state of Adam that fits an optimiser's parameters, with the file's learning rates."""
    own = optimiser.state_dict()["param_groups"]
    groups, moments = state["param_groups"], state["state"]
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    _require(
        isinstance(groups, list)
        and [group["params"] for group in groups] == [group["params"] for group in own]
        and isinstance(moments, dict)
        and moments.keys() <= set(range(len(parameters)))
        and all(_is_number(group["lr"]) and group["lr"] >= 0 for group in groups),
        f"its {name} is that of another network",
    )
    for index, entries in moments.items():
        shapes = dict.fromkeys(_MOMENTS, parameters[index].shape) | {"step": torch.Size()}
        _require(
            entries.keys() == shapes.keys()
            and all(
                isinstance(tensor, Tensor)
                and tensor.shape == shapes[key]
                and tensor.is_floating_point()
                and bool(tensor.isfinite().all())
                for key, tensor in entries.items()
            ),
            f"its {name} does not fit the network",
        )
    rates = [group["lr"] for group in groups]
    return {
        "state": moments,
        "param_groups": [{**group, "lr": lr} for group, lr in zip(own, rates, strict=True)],
    }


def _of_plateau(plateau: ReduceLROnPlateau, state: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what a schedule remembers of the epochs so far."""
    best, *counts, rates = (state[key] for key in _PLATEAU)
    _require(
        isinstance(best, float)
        and not math.isnan(best)
        and all(type(count) is int and count >= 0 for count in counts)
        and isinstance(rates, list)
        and len(rates) == len(plateau.min_lrs)
        and all(map(_is_number, rates)),
        f"its {name} is that of another run",
    )
    return {key: state[key] for key in _PLATEAU}


def _is_number(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise TcmrError(otherwise)
