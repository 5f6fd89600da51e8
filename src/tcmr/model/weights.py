"""The open weights as a file: the static network, its regressor and TCMR in one .safetensors with provenance.

Tensors are stored in half precision (a third of the error of the fourth digit) and computed in single.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from tcmr.errors import TcmrError
from tcmr.features.static import StaticInputs, StaticNetwork
from tcmr.model.regressor import Estimate, Regressor
from tcmr.model.tcmr import TCMR, TCMRConfig

FORMAT = "tcmr-open-1"


class FrameModel(nn.Module):
    """The open track without time: the static network and a regressor on its feature."""

    def __init__(self, static: StaticNetwork, regressor_size: int):
        super().__init__()
        self.static = static
        self.regressor = Regressor(static.config["feature_size"], regressor_size, dropout=0.0)
        self.config = {**static.config, "regressor_size": regressor_size}

    @staticmethod
    def build(config: dict[str, int]) -> "FrameModel":
        """Build an untrained frame model of given sizes."""
        sizes = dict(config)
        regressor_size = sizes.pop("regressor_size", 256)
        return FrameModel(StaticNetwork(**sizes), regressor_size)

    def forward(self, inputs: StaticInputs) -> Estimate:
        """Estimate each frame by itself."""
        return self.regressor(self.static(inputs))


@dataclass(frozen=True)
class OpenModel:
    """What a file of open weights holds; `tcmr` is None after the first stage of training.

    `name` and `sha256` tell which file it is.
    """

    frame_model: FrameModel
    tcmr: TCMR | None
    name: str = "untrained"
    sha256: str = ""


def build_open_model(frame_model: FrameModel, sizes: dict[str, Any]) -> TCMR:
    """Build an untrained TCMR on a frame model's features, its regressor a copy of the frame model's."""
    feature_size, regressor_size = frame_model.config["feature_size"], frame_model.config["regressor_size"]
    config = TCMRConfig(
        feature_size=feature_size, regressor_size=regressor_size, **({"dropout": 0.0} | sizes)
    )
    tcmr = TCMR(config)
    tcmr.regressor.load_state_dict(frame_model.regressor.state_dict())
    return tcmr


def save_open_model(path: Path, model: OpenModel, provenance: dict[str, Any]) -> None:
    """Write weights in half precision, with their sizes and where they come from."""
    parts: dict[str, nn.Module] = {"frame": model.frame_model}
    if model.tcmr is not None:
        parts["tcmr"] = model.tcmr
    tensors = {
        f"{part}.{name}": tensor.detach().half().contiguous()
        for part, module in parts.items()
        for name, tensor in module.state_dict().items()
    }
    metadata = {
        "format": FORMAT,
        "frame": json.dumps(model.frame_model.config),
        "tcmr": json.dumps(model.tcmr.describe() if model.tcmr else None),
        "provenance": json.dumps(provenance),
    }
    save_file(tensors, path, metadata)


def load_open_model(name_or_path: str | Path = "open") -> OpenModel:
    """Read the package's own weights ("open") or a file of the same kind.

    Raises:
        TcmrError: the file is missing, is not of this kind, or lacks a tensor.
    """
    if name_or_path == "open":
        with as_file(files("tcmr.model") / "open_weights.safetensors") as path:
            return _read(path, "open")
    path = Path(name_or_path)
    return _read(path, path.stem)


def load_frame_model(path: Path) -> FrameModel:
    """Read only the frame model of a file of open weights."""
    return load_open_model(path).frame_model


def _read(path: Path, name: str) -> OpenModel:
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors: dict[str, Float[Tensor, ...]] = {
                key: file.get_tensor(key).float() for key in file.keys()
            }
    except (OSError, SafetensorError) as error:
        raise TcmrError(f"cannot read the weights {path}: {error}") from error
    if metadata.get("format") != FORMAT:
        raise TcmrError(
            f"{path} holds no open TCMR weights (format {metadata.get('format')!r}, need {FORMAT!r})"
        )
    frame_model = FrameModel.build(json.loads(metadata["frame"]))
    _fill(frame_model, tensors, "frame", path)
    sizes, tcmr = json.loads(metadata["tcmr"]), None
    if sizes:
        tcmr = TCMR(TCMRConfig(**sizes))
        _fill(tcmr, tensors, "tcmr", path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return OpenModel(frame_model.eval(), tcmr.eval() if tcmr else None, name, sha256)


def _fill(module: nn.Module, tensors: dict[str, Tensor], part: str, path: Path) -> None:
    """Load a part strictly: every tensor by name and shape, all finite."""
    mine = {
        key.removeprefix(f"{part}."): value for key, value in tensors.items() if key.startswith(f"{part}.")
    }
    broken = [key for key, value in mine.items() if not torch.isfinite(value).all()]
    if broken:
        raise TcmrError(f"{path} has tensors that are not finite: {', '.join(broken)}")
    try:
        module.load_state_dict(mine, strict=True)
    except RuntimeError as error:
        raise TcmrError(f"{path} does not fit: {error}") from error
