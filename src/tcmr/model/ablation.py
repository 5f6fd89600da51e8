"""TCMR with a part of it undone, as in the paper's ablations (Tables 1 and 2)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import linear, relu

from tcmr.errors import TcmrError
from tcmr.model.encoder import TemporalEncoder, TemporalFeatures, last_state
from tcmr.model.products import Product
from tcmr.model.tcmr import TCMR, TCMRConfig
from tcmr.tensors import fill_strictly, read_metadata, read_safetensors, save_safetensors

FORMAT = "tcmr-ablation-1"
FORECAST = ("gru_bef", "gru_aft", "linear_bef", "linear_aft", "attention")


@dataclass(frozen=True)
class Ablation:
    """What differs from the paper's TCMR; by default nothing does.

    `residual` adds the target's static feature to G_all's, as earlier work does. Without `forecast` there is
    no PoseForecast, only G_all. With `forecast_sees_target` PoseForecast is fed the target frame too.
    """

    residual: bool = False
    forecast: bool = True
    forecast_sees_target: bool = False


class AblatedEncoder(TemporalEncoder):
    """The temporal encoder with a part of it undone."""

    def __init__(self, config: TCMRConfig, ablation: Ablation):
        super().__init__(config.feature_size, config.hidden_size, config.layers, config.window)
        self.ablation = ablation
        if not ablation.forecast:
            for name in FORECAST:
                delattr(self, name)

    def forward(
        self, static: Float[Tensor, "batch window size"], target: int | None = None
    ) -> TemporalFeatures:
        """Encode windows of static features; without PoseForecast all branches are G_all's."""
        target = self.target if target is None else target
        everything, _ = self.gru_cur(static)
        current = self.linear_cur(relu(everything[:, target]))
        if self.ablation.residual:
            current = current + static[:, target]
        if not self.ablation.forecast:
            attention = current.new_tensor([0.0, 1.0, 0.0]).expand(len(static), 3)
            return TemporalFeatures(current, current, current, current, attention)
        seen = 1 if self.ablation.forecast_sees_target else 0
        before = last_state(self.gru_bef, static[:, : target + seen])
        after = last_state(self.gru_aft, static[:, target + 1 - seen :].flip(1))
        return self.weigh(self.linear_bef(relu(before)), current, self.linear_aft(relu(after)))


class AblatedTCMR(TCMR):
    """A TCMR whose encoder has a part of it undone."""

    encoder: AblatedEncoder

    def __init__(self, config: TCMRConfig, ablation: Ablation):
        super().__init__(config)
        self.encoder = AblatedEncoder(config, ablation)

    def _encode(
        self, static: Float[Tensor, "clips frames size"], product: Product = linear
    ) -> TemporalFeatures:
        """Encode every full window of clips, each by itself: what `product` is for is not done here."""
        windows = static.unfold(1, self.config.window, 1).transpose(-1, -2)
        flat = self.encoder(windows.flatten(0, 1))
        shape = windows.shape[:2]
        return TemporalFeatures(
            **{field.name: getattr(flat, field.name).unflatten(0, shape) for field in fields(flat)}
        )


def tcmr_with(config: TCMRConfig, ablation: Ablation) -> TCMR:
    """Build an untrained TCMR; with nothing undone it is the paper's."""
    return TCMR(config) if ablation == Ablation() else AblatedTCMR(config, ablation)


def save_ablated(path: Path, tcmr: AblatedTCMR, provenance: Mapping[str, Any]) -> None:
    """Write a trained ablation; its format is its own, so that it never passes for the paper's TCMR."""
    metadata = {
        "format": FORMAT,
        "tcmr": json.dumps(tcmr.describe()),
        "ablation": json.dumps(asdict(tcmr.encoder.ablation)),
        "provenance": json.dumps(provenance),
    }
    save_safetensors(path, tcmr.state_dict(), metadata)


def load_ablated(path: Path) -> AblatedTCMR:
    """Read what `save_ablated` wrote.

    Raises:
        TcmrError: the file is something else, or its tensors are not exactly those of the network.
    """
    metadata = read_metadata(path)
    if metadata.get("format") != FORMAT:
        raise TcmrError(
            f"{path} holds no ablation of TCMR (format {metadata.get('format')!r}, need {FORMAT!r})"
        )
    sizes, ablation = (json.loads(metadata[name]) for name in ("tcmr", "ablation"))
    tcmr = AblatedTCMR(TCMRConfig(**sizes), Ablation(**ablation))
    fill_strictly(tcmr, read_safetensors(path), path)
    return tcmr.eval()
