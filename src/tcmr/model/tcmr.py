"""TCMR whole: windows of static features -> parameters of their target frames."""

from dataclasses import asdict, dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from tcmr.model.encoder import TemporalEncoder, TemporalFeatures
from tcmr.model.products import Product
from tcmr.model.regressor import Estimate, Regressor
from tcmr.model.sequence import encode_sequence
from tcmr.model.whole_clip import encode_whole_clip
from tcmr.model.windows import padded_indices

WHOLE_CLIP = 0


@dataclass(frozen=True)
class TCMRConfig:
    """The sizes of a TCMR; the defaults are the paper's. A window of WHOLE_CLIP lets each frame see all others."""

    feature_size: int = 2048
    hidden_size: int = 1024
    layers: int = 2
    window: int = 16
    regressor_size: int = 1024
    dropout: float = 0.5


@dataclass(frozen=True)
class TrainingOutput:
    """The three supervised branches; each is compared with the target frame. Paper: section 3.5."""

    past: Estimate
    future: Estimate
    integrated: Estimate


class TCMR(nn.Module):
    """The temporal encoder and the one regressor that all its branches share."""

    def __init__(self, config: TCMRConfig = TCMRConfig()):
        super().__init__()
        self.config = config
        self.encoder = TemporalEncoder(config.feature_size, config.hidden_size, config.layers, config.window)
        self.regressor = Regressor(config.feature_size, config.regressor_size, config.dropout)

    def forward(
        self, windows: Float[Tensor, "batch window size"], target: int | None = None
    ) -> tuple[Estimate, Float[Tensor, "batch 3"]]:
        """Return the target frames' parameters and the attention weights (past, current, future).

        `target` is its place in windows that are cut short.
        """
        features = self.encoder(windows, target)
        return self.regressor(features.integrated), features.attention

    def forward_sequence(
        self, static: Float[Tensor, "clips frames size"], product: Product = linear
    ) -> tuple[Estimate, Float[Tensor, "clips targets 3"]]:
        """Return the same as `forward` for every full window of whole clips, in half the work.

        Without windows: for every frame. `product` is who multiplies with the windows' recurrent weights.
        """
        features = self._encode(static, product)
        return self.regressor(features.integrated), features.attention

    def forward_training(self, windows: Float[Tensor, "batch window size"]) -> TrainingOutput:
        """Return the parameters by each supervised branch."""
        return self._supervised(self.encoder(windows))

    def forward_clips(
        self, static: Float[Tensor, "clips frames size"]
    ) -> tuple[Estimate, Float[Tensor, "clips frames 3"]]:
        """Return the parameters and attention of every frame; windows see clips mirrored at their ends."""
        if self.config.window != WHOLE_CLIP:
            static = static[:, padded_indices(static.shape[1], self.config.window).to(static.device)]
        return self.forward_sequence(static)

    def forward_training_sequence(
        self, static: Float[Tensor, "clips frames size"], targets: slice = slice(None)
    ) -> TrainingOutput:
        """Return the same as `forward_training` for full windows of whole clips: all, or some of the targets."""
        return self._supervised(self._encode(static).frames(targets))

    def _encode(
        self, static: Float[Tensor, "clips frames size"], product: Product = linear
    ) -> TemporalFeatures:
        if self.config.window == WHOLE_CLIP:
            return encode_whole_clip(self.encoder, static)
        return encode_sequence(self.encoder, static, product)

    def _supervised(self, features: TemporalFeatures) -> TrainingOutput:
        return TrainingOutput(
            past=self.regressor(features.past),
            future=self.regressor(features.future),
            integrated=self.regressor(features.integrated),
        )

    def describe(self) -> dict[str, int | float]:
        """Return the configuration as plain numbers, for a file's metadata."""
        return asdict(self.config)
