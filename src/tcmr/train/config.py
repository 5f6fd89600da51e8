"""What a training run is, read from one TOML file."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from tcmr.errors import TcmrError
from tcmr.model.tcmr import TCMRConfig
from tcmr.requirements import require_all_above_zero
from tcmr.train.losses import LossWeights
from tcmr.train.settings import read_settings, read_toml

ABOVE_ZERO = (
    "steps", "batch", "learning_rate", "warmup_steps", "checkpoint_every", "validate_every", "threads",
)  # fmt: skip
# What [network] may say for each stage.
NETWORK_SETTINGS = {
    "static": {"feature_size", "hidden_size", "layers", "regressor_size"},
    "temporal": {"frames", "targets", "velocity_weight", "tcmr"},
}


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What the training loop needs to know of a run.

    Paths are relative to the working directory. `acknowledgment` is what the data's makers ask to be said of weights
    trained on it.

    Raises:
        TcmrError: a number that must be above zero is not.
    """

    run: Path
    steps: int
    batch: int
    learning_rate: float
    weight_decay: float = 1e-4
    warmup_steps: int = 300
    clip_gradient: float = 1.0
    seed: int = 0
    checkpoint_every: int = 500
    validate_every: int = 2000
    threads: int = 2
    acknowledgment: str = ""

    def __post_init__(self) -> None:
        require_all_above_zero(self, ABOVE_ZERO)


@dataclass(frozen=True, kw_only=True)
class TrainConfig(RunConfig):
    """One run of the static or the temporal stage.

    `motion` is a motion capture file (keys as in docs/training.md), `rendered` a folder of clips made by
    `tcmr synth` with sub-folders train and val. `start_from` names the weights of the stage before, on which
    this one builds; `begin_with` earlier weights of this stage, to go on from. `rendered_share` is the part of
    each batch that was rendered, the rest is simulated; in `flip_chance` of its clips front and back are
    confused, `close_up_chance` of them show only a person's upper part.
    """

    stage: Literal["static", "temporal"]
    motion: Path
    rendered: Path
    rendered_share: float
    flip_chance: float = 0.12
    close_up_chance: float = 0.0
    start_from: Path | None = None
    begin_with: Path | None = None
    loss: LossWeights = field(default_factory=LossWeights)
    network: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def load(path: Path) -> "TrainConfig":
        """Read a configuration.

        Raises:
            TcmrError: the file is missing, is not TOML, lacks a setting or has one that is not known.
        """
        refuse_unknown(read_toml(path), path)
        return read_settings(TrainConfig, path)


def refuse_unknown(table: dict[str, Any], path: Path) -> None:
    """Raise TcmrError for a stage or a name that is not known: a slip of the pen must not pass for a choice."""
    stage, network = table.get("stage"), table.get("network", {})
    if stage not in tuple(NETWORK_SETTINGS):
        raise TcmrError(f"{path} must set stage to one of: {', '.join(NETWORK_SETTINGS)}")
    tables = {
        "": (table, names_of(TrainConfig)),
        "loss.": (table.get("loss", {}), names_of(LossWeights)),
        "network.": (network, NETWORK_SETTINGS[stage]),
        "network.tcmr.": (network.get("tcmr", {}) if isinstance(network, dict) else {}, names_of(TCMRConfig)),
    }
    flat = [where for where, (part, _) in tables.items() if not isinstance(part, dict)]
    if flat:
        raise TcmrError(f"{path} must have tables for: {', '.join(where.rstrip('.') for where in flat)}")
    unknown = [where + name for where, (part, known) in tables.items() for name in part if name not in known]
    if unknown:
        raise TcmrError(f"{path} has unknown settings: {', '.join(unknown)}")


def names_of(settings: type) -> set[str]:
    """Return the names of a dataclass's fields."""
    return {entry.name for entry in fields(settings)}
