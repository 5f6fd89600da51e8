"""The open weights as a file: the static network, its regressor and TCMR in one .safetensors with provenance.

Tensors are stored in half precision (a third of the error of the fourth digit) and computed in single.
"""

import json
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tcmr.body.load import is_open
from tcmr.body.model import BodyModel
from tcmr.errors import TcmrError
from tcmr.features.static import StaticInputs, StaticNetwork
from tcmr.files import file_sha256
from tcmr.model.regressor import Estimate, Regressor
from tcmr.model.sizes import parse_sizes
from tcmr.model.tcmr import TCMR, TCMRConfig
from tcmr.tensors import fill_strictly, read_metadata, read_safetensors, save_safetensors

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

    `name`, `path` and `sha256` tell which file it is.
    """

    frame_model: FrameModel
    tcmr: TCMR | None = None
    name: str = "untrained"
    path: Path | None = None
    sha256: str = ""

    def networks(self) -> nn.ModuleDict:
        """Return the networks under the names that their tensors begin with in a file."""
        parts = {"frame": self.frame_model, "tcmr": self.tcmr}
        return nn.ModuleDict({name: part for name, part in parts.items() if part is not None})

    def check_body(self, body: BodyModel) -> None:
        """Make sure that a body is the one that these weights were trained on.

        Raises:
            TcmrError: it is neither the open body nor has its mesh.
        """
        if not is_open(body):
            raise TcmrError(
                f"the weights {self.name} are for the open body, and mean nothing on {body.name}; leave --body out"
            )


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
    """Write weights in half precision, with their sizes and where they come from; whole or not at all."""
    tensors = {name: tensor.half() for name, tensor in model.networks().state_dict().items()}
    metadata = {
        "format": FORMAT,
        "frame": json.dumps(model.frame_model.config),
        "tcmr": json.dumps(model.tcmr.describe() if model.tcmr else None),
        "provenance": json.dumps(provenance),
    }
    save_safetensors(path, tensors, metadata)


def load_open_model(name_or_path: str | Path = "open") -> OpenModel:
    """Read the package's own weights ("open") or a file of the same kind.

    Raises:
        TcmrError: the file is missing, is not of this kind, or its tensors are not exactly those of its networks.
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
    metadata = read_metadata(path)
    if metadata.get("format") != FORMAT:
        raise TcmrError(
            f"{path} holds no open TCMR weights (format {metadata.get('format')!r}, need {FORMAT!r})"
        )
    try:
        frame, temporal = (parse_sizes(metadata[part]) for part in ("frame", "tcmr"))
        with torch.device("meta"):  # no memory is taken for sizes that may be absurd
            frame_model = FrameModel.build(frame)
            tcmr = TCMR(TCMRConfig(**temporal)) if temporal else None
    except (KeyError, ValueError, TypeError) as error:
        raise TcmrError(f"{path} does not tell the sizes of its networks: {error}") from error
    model = OpenModel(frame_model, tcmr, name, path, file_sha256(path))
    fill_strictly(model.networks().eval(), read_safetensors(path), path)
    return model
