"""What a training run as in the paper is, read from one TOML file; those of its tables are in `configs/paper/`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tcmr.errors import TcmrError
from tcmr.model.ablation import Ablation
from tcmr.model.tcmr import TCMRConfig
from tcmr.model.windows import Edges
from tcmr.requirements import require_all_above_zero
from tcmr.train.paper_losses import PaperLossWeights
from tcmr.train.settings import read_settings

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
ABOVE_ZERO = (
    "epochs", "steps_per_epoch", "batch", "learning_rate", "stride", "checkpoint_every", "log_every", "devices",
    "threads",
)  # fmt: skip


@dataclass(frozen=True)
class Adversarial:
    """VIBE's motion discriminator as a further loss; the defaults are VIBE's.

    `motion` is a feature store with captured poses, for example of AMASS. In each step the integrated branch
    estimates `clips` motions of `frames` successive targets, which the discriminator learns to tell from as
    many captured ones, and the network to pass for them. Source: Kocabas et al., "VIBE", CVPR 2020.
    """

    motion: str
    weight: float = 1.0
    discriminator_weight: float = 0.5
    learning_rate: float = 1e-4
    weight_decay: float = 1e-4
    hidden_size: int = 1024
    layers: int = 2
    dropout: float = 0.2
    clips: int = 8
    frames: int = 16


@dataclass(frozen=True)
class PaperConfig:
    """One run. Paths are relative to the working directory; databases are feature stores in `data`, by name.

    In each batch `share_2d` of the windows come from `train_2d`, the others from `train_3d`; within either,
    databases mix in proportion to their windows. Pose and shape of those in `without_body` do not count.
    `stride` is the step from window to window (16: they do not overlap). With `repeat_ends` the released
    code's repetition of each sequence's first and last window is kept, with `across_gaps` its windows over frames
    that are left out. `start_from` is SPIN's checkpoint, from
    which the regressor starts.

    The learning rate is divided by ten when PA-MPJPE on `validation` has not improved for more than `patience`
    epochs, and the best epoch's weights are kept. `validation_is_test` says that the published protocol
    validates on the test set. `validation_edges` = "static" is the released code's treatment of clip ends.

    Raises:
        TcmrError: a number that must be above zero is not.
    """

    stage: Literal["paper"]
    run: Path
    data: Path
    body: str
    train_2d: tuple[str, ...]
    train_3d: tuple[str, ...]
    validation: str
    epochs: int
    start_from: Path | None = None
    without_body: tuple[str, ...] = ()
    stride: int = 16
    repeat_ends: bool = False
    across_gaps: bool = False
    validation_is_test: bool = False
    validation_edges: Edges = "cut"
    batch: int = 32
    share_2d: float = 0.6
    steps_per_epoch: int = 500
    learning_rate: float = 5e-5
    weight_decay: float = 0.0
    patience: int = 5
    seed: int = 1
    checkpoint_every: int = 500
    log_every: int = 10
    devices: int = 1
    device: str = "auto"
    precision: Precision = "32-true"
    threads: int = 2
    loss: PaperLossWeights = field(default_factory=PaperLossWeights)
    network: TCMRConfig = field(default_factory=TCMRConfig)
    ablation: Ablation = field(default_factory=Ablation)
    adversarial: Adversarial | None = None

    def __post_init__(self) -> None:
        require_all_above_zero(self, ABOVE_ZERO)

    @staticmethod
    def load(path: Path) -> "PaperConfig":
        """Read a configuration.

        Raises:
            TcmrError: see `read_settings`; or the databases or batches named cannot be.
        """
        config = read_settings(PaperConfig, path)
        fault = config.fault()
        if fault:
            raise TcmrError(f"{path}: {fault}")
        return config

    def fault(self) -> str | None:
        """Return what cannot be about the settings."""
        if not self.train_3d:
            return "train_3d names no database"
        strangers = set(self.without_body) - set(self.train_3d)
        if strangers:
            return f"without_body names {', '.join(sorted(strangers))}, which train_3d does not"
        if not 0 <= self.share_2d < 1:
            return f"share_2d must be at least 0 and below 1, not {self.share_2d}"
        clips = self.adversarial.clips if self.adversarial else 0
        if self.batch % self.devices or clips % self.devices:
            return f"a batch of {self.batch} (and {clips} clips) cannot be shared equally by {self.devices} devices"
        return None

    @property
    def batch_2d(self) -> int:
        """Return how many windows of a batch come from 2D databases: 19 of the paper's 32."""
        return int(self.batch * self.share_2d) if self.train_2d else 0

    @property
    def steps(self) -> int:
        """Return the number of steps of the whole run."""
        return self.epochs * self.steps_per_epoch
