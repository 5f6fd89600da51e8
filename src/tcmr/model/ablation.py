"""TCMR with a part of it undone or done otherwise, as in the paper's ablations (Tables 1 and 2) and our studies."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear, relu

from tcmr.errors import TcmrError
from tcmr.files import parse_json
from tcmr.model.encoder import TemporalEncoder, TemporalFeatures, last_state
from tcmr.model.integration import AttentionIntegration
from tcmr.model.products import Product
from tcmr.model.sizes import parse_sizes
from tcmr.model.tcmr import TCMR, TCMRConfig
from tcmr.tensors import fill_strictly, read_metadata, read_safetensors, save_safetensors

FORMAT = "tcmr-ablation-1"
FORECAST = ("gru_bef", "gru_aft", "linear_bef", "linear_aft", "attention")
BIDIRECTIONAL = ("gru_cur", "linear_cur")

Integration = Literal["attention", "mean", "concatenation"]


@dataclass(frozen=True)
class Ablation:
    """What differs from the paper's TCMR; by default nothing does.

    `residual` adds the target's static feature to G_all's, as earlier work does. Without `forecast` there is
    no PoseForecast, only G_all; without `bidirectional` no G_all, only PoseForecast. With `forecast_sees_target`
    PoseForecast is fed the target frame too. `integration` is how the branches are joined.
    """

    residual: bool = False
    forecast: bool = True
    forecast_sees_target: bool = False
    bidirectional: bool = True
    integration: Integration = "attention"

    def __post_init__(self) -> None:
        if not (self.forecast or self.bidirectional):
            raise ValueError("an encoder without forecast and without bidirectional sees nothing")
        if self.residual and not self.bidirectional:
            raise ValueError("the residual connection goes round G_all: without bidirectional there is none")


class AblatedEncoder(TemporalEncoder):
    """The temporal encoder with a part of it undone or done otherwise."""

    def __init__(self, config: TCMRConfig, ablation: Ablation):
        super().__init__(config.feature_size, config.hidden_size, config.layers, config.window)
        self.ablation = ablation
        self.branches = 2 + ablation.bidirectional
        if not ablation.forecast:
            self._drop(FORECAST)
            return
        if not ablation.bidirectional:
            self._drop(BIDIRECTIONAL)
            self.attention = AttentionIntegration(config.feature_size, branches=self.branches)
        if ablation.integration != "attention":
            self._drop(("attention",))
        if ablation.integration == "concatenation":
            self.joined = nn.Linear(self.branches * config.feature_size, config.feature_size)

    def _drop(self, names: tuple[str, ...]) -> None:
        for name in names:
            delattr(self, name)

    def forward(
        self, static: Float[Tensor, "batch window size"], target: int | None = None
    ) -> TemporalFeatures:
        """Encode windows of static features.

        Without PoseForecast all branches are G_all's; without G_all the current branch is the integrated one.
        """
        target = self.target if target is None else target
        if not self.ablation.bidirectional:
            past, future = self._forecast(static, target)
            integrated, (of_past, of_future) = self._join(past, future)
            attention = torch.stack([of_past, torch.zeros_like(of_past), of_future], -1)
            return TemporalFeatures(past, integrated, future, integrated, attention)
        current = self._current(static, target)
        if not self.ablation.forecast:
            attention = current.new_tensor([0.0, 1.0, 0.0]).expand(len(static), 3)
            return TemporalFeatures(current, current, current, current, attention)
        past, future = self._forecast(static, target)
        integrated, weights = self._join(past, current, future)
        return TemporalFeatures(past, current, future, integrated, torch.stack(weights, -1))

    def _current(self, static: Tensor, target: int) -> Tensor:
        everything, _ = self.gru_cur(static)
        current = self.linear_cur(relu(everything[:, target]))
        return current + static[:, target] if self.ablation.residual else current

    def _forecast(self, static: Tensor, target: int) -> tuple[Tensor, Tensor]:
        seen = 1 if self.ablation.forecast_sees_target else 0
        before = last_state(self.gru_bef, static[:, : target + seen])
        after = last_state(self.gru_aft, static[:, target + 1 - seen :].flip(1))
        return self.linear_bef(relu(before)), self.linear_aft(relu(after))

    def _join(self, *features: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Join the branches' features; return each one's weight too (zero where none is weighed)."""
        branches = torch.stack(features, -2)
        if self.ablation.integration == "concatenation":
            return self.joined(branches.flatten(-2)), branches.new_zeros(branches.shape[:-1]).unbind(-1)
        if self.ablation.integration == "mean":
            weights = branches.new_full(branches.shape[:-1], 1 / self.branches)
        else:
            weights = self.attention(branches)
        return (branches * weights[..., None]).sum(-2), weights.unbind(-1)


class AblatedTCMR(TCMR):
    """A TCMR whose encoder has a part of it undone or done otherwise."""

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
    try:
        ablation = Ablation(**_choices(metadata["ablation"]))
        with torch.device("meta"):  # no memory is taken until all tensors are known to fit
            tcmr = AblatedTCMR(TCMRConfig(**parse_sizes(metadata["tcmr"])), ablation)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise TcmrError(f"{path} does not say what it was trained without: {error}") from error
    fill_strictly(tcmr, read_safetensors(path), path)
    return tcmr.eval()


def _choices(text: str) -> dict[str, Any]:
    """Return what an ablation is made of: truths, and one of the known ways to join."""
    said = parse_json(text)
    if not isinstance(said, dict):
        raise ValueError(f"{said!r:.40} are no choices")
    for name, value in said.items():
        if not isinstance(value, bool) and not (name == "integration" and value in get_args(Integration)):
            raise ValueError(f"{name} cannot be {value!r:.40}")
    return said
