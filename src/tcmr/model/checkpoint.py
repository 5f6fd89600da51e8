"""The authors' TCMR: their checkpoint (.pth.tar), or the same tensors as .safetensors with provenance."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import mode

import torch
from torch import Tensor

from tcmr.body.load import is_open
from tcmr.body.model import BodyModel
from tcmr.errors import TcmrError
from tcmr.files import file_sha256
from tcmr.model import ablation
from tcmr.model.embedded_body import EmbeddedBody
from tcmr.model.sizes import checked_sizes
from tcmr.model.tcmr import TCMR, TCMRConfig
from tcmr.tensors import (
    FAULTS_TOLD,
    fill_strictly,
    read_metadata,
    read_pth_tar,
    read_safetensors,
    save_safetensors,
)

FORMAT = "tcmr-paper-1"
_ENTRY = "gen_state_dict"
_EMBEDDED = "regressor.smpl."


@dataclass(frozen=True)
class Checkpoint:
    """A TCMR of the released code, or an ablation of it; `embedded_body` is the SMPL saved with it, if one was.

    `name`, `path` and `sha256` tell which file it is.
    """

    tcmr: TCMR
    embedded_body: EmbeddedBody | None
    name: str
    path: Path
    sha256: str

    def check_body(self, body: BodyModel) -> None:
        """Make sure that a body is the one that these weights were trained on.

        Raises:
            TcmrError: it is the open body, or another than the checkpoint's own; the message says in what.
        """
        remedy = "give the SMPL that it was trained on: --body FOLDER with SMPL_NEUTRAL.pkl or .npz"
        if is_open(body):
            raise TcmrError(
                f"the weights {self.path} are for SMPL, and mean nothing on the open body; {remedy}"
            )
        if self.embedded_body is None:
            return
        differences = [
            f"{_EMBEDDED}{name} differs by up to {difference:.2g}"
            for name, difference in self.embedded_body.differences(body).items()
        ]
        if differences:
            raise TcmrError(
                f"the body {body.name} is not that of {self.path}: {'; '.join(differences)}; {remedy}"
            )


def is_checkpoint(path: Path) -> bool:
    """Return whether a file of weights is of the paper's track: an authors' checkpoint or trained as theirs were."""
    return path.suffix != ".safetensors" or read_metadata(path).get("format") in (FORMAT, ablation.FORMAT)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read an authors' checkpoint strictly, as released (.pth.tar) or converted (.safetensors), or an ablation.

    Raises:
        TcmrError: it cannot be read safely, or a tensor is missing, unknown, of another shape or not finite.
    """
    if _is_ablation(path):
        return Checkpoint(ablation.load_ablated(path), None, path.stem, path, file_sha256(path))
    tensors = _tensors(path)
    _refuse_prefixed(tensors, path)
    with torch.device("meta"):  # no time is lost on first values, nor memory on absurd sizes
        tcmr = TCMR(_config(tensors, path))
        embedded = EmbeddedBody() if any(name.startswith(_EMBEDDED) for name in tensors) else None
    tcmr.regressor.add_module("smpl", embedded)  # so that one look accounts for every tensor
    fill_strictly(tcmr, tensors, path)
    del tcmr.regressor.smpl
    name = path.name.removesuffix(".safetensors").removesuffix(".pth.tar")
    return Checkpoint(tcmr.eval(), embedded, name, path, file_sha256(path))


def convert_checkpoint(source: str | Path, output: str | Path) -> None:
    """Write an authors' checkpoint as .safetensors: the same tensors, with sizes and where they come from.

    Raises:
        TcmrError: the checkpoint is refused (see `load_checkpoint`) or an ablation, or the output cannot be written.
    """
    source, output = Path(source), Path(output)
    if _is_ablation(source):
        raise TcmrError(f"{source} is an ablation of TCMR, not an authors' checkpoint; use the file as it is")
    checkpoint = load_checkpoint(source)
    provenance = {
        "source": source.name,
        "sha256": checkpoint.sha256,
        "date": datetime.now(UTC).date().isoformat(),
        "tcmr": version("tcmr"),
    }
    metadata = {
        "format": FORMAT,
        "tcmr": json.dumps(checkpoint.tcmr.describe()),
        "provenance": json.dumps(provenance),
    }
    save_safetensors(output, _tensors(source), metadata)


def _is_ablation(path: Path) -> bool:
    return path.suffix == ".safetensors" and read_metadata(path).get("format") == ablation.FORMAT


def _tensors(path: Path) -> dict[str, Tensor]:
    return read_safetensors(path) if path.suffix == ".safetensors" else read_pth_tar(path, _ENTRY)


def _refuse_prefixed(tensors: Iterable[str], path: Path) -> None:
    prefixed = [name for name in tensors if name.startswith("module.")]
    if prefixed:
        raise TcmrError(
            f"the weights {path} have names that begin with 'module.' ({', '.join(prefixed[:FAULTS_TOLD])}): "
            "they were saved from a DataParallel wrapper, which the released ones never were; "
            "save the state of the wrapped model instead (model.module.state_dict())"
        )


def _config(tensors: dict[str, Tensor], path: Path) -> TCMRConfig:
    """Tell the sizes from what most tensors say, so that a faulty one is found out as such."""
    paper = TCMRConfig()

    def usual(pattern: str, axis: int, default: int) -> int:
        sizes = [
            tensor.shape[axis]
            for name, tensor in tensors.items()
            if re.fullmatch(pattern, name) and tensor.ndim == 2
        ]
        return mode(sizes) if sizes else default

    recurrent = r"(encoder\.gru_\w+\.(?:weight|bias)_[ih]h)_l\d+(_reverse)?"
    layers = Counter(match.groups() for name in tensors if (match := re.fullmatch(recurrent, name)))
    sizes = {
        "feature_size": usual(r"encoder\.(linear_cur|linear_bef|linear_aft)\.weight", 0, paper.feature_size),
        "hidden_size": usual(r"encoder\.gru_\w+\.weight_hh_l\w+", 1, paper.hidden_size),
        "layers": mode(layers.values()) if layers else paper.layers,
        "regressor_size": usual(r"regressor\.(fc2|decpose|decshape|deccam)\.weight", 1, paper.regressor_size),
    }
    try:
        return TCMRConfig(**checked_sizes(sizes))
    except ValueError as error:
        raise TcmrError(f"the weights {path} cannot be used: {error}") from error
