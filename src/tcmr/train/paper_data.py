"""What a training run as in the paper reads: its databases, mixed into batches, and captured motions."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.data.labels import LabelledWindows, joined_windows
from tcmr.data.mixture import Mixture, Shuffle, WindowedStore
from tcmr.data.store import FeatureStore
from tcmr.train.paper_config import Adversarial, PaperConfig

# Each kind of draw has random numbers of its own.
STREAM_2D, STREAM_3D, STREAM_CLIPS, STREAM_MOTIONS = range(4)
STREAMS = 4


@dataclass(frozen=True)
class Batches:
    """The batches of a run: so many windows of each mixture, one after the other."""

    groups: tuple[tuple[Mixture, int], ...]

    @staticmethod
    def open(config: PaperConfig) -> "Batches":
        """Open the databases and cut them into windows."""
        groups = [(config.train_3d, config.batch - config.batch_2d, STREAM_3D)]
        if config.batch_2d:
            groups.insert(0, (config.train_2d, config.batch_2d, STREAM_2D))
        return Batches(
            tuple(
                (_mixture(config, names, config.network.window, config.stride, stream), count)
                for names, count, stream in groups
            )
        )

    def read(self, step: int, rank: int = 0, processes: int = 1) -> LabelledWindows:
        """Return a step's windows: all, or those whose number is `rank` modulo `processes`."""
        parts, offset = [], 0
        for mixture, count in self.groups:
            parts.append(mixture.read(step, count, slice((rank - offset) % processes, None, processes)))
            offset += count
        return joined_windows(parts)


@dataclass(frozen=True)
class Motions:
    """What the motion discriminator is shown: clips to be estimated, and captured motions of as many frames."""

    clips: Mixture
    captured: WindowedStore
    order: Shuffle
    settings: Adversarial

    @staticmethod
    def open(config: PaperConfig, settings: Adversarial) -> "Motions":
        """Open the 3D databases and the store of captured motion."""
        seen = config.network.window + settings.frames - 1
        clips = _mixture(config, config.train_3d, seen, config.stride, STREAM_CLIPS)
        captured = WindowedStore.cut(FeatureStore.open(config.data / settings.motion), settings.frames)
        order = Shuffle(len(captured), _stream(config, STREAM_MOTIONS))
        return Motions(clips, captured, order, settings)

    def read_clips(self, step: int, share: slice) -> Float[Tensor, "clips frames size"]:
        """Return the static features of a share of a step's clips."""
        return self.clips.read(step, self.settings.clips, share).static

    def read_captured(self, step: int, share: slice) -> Float[Tensor, "motions frames 69"]:
        """Return a share of a step's captured motions, without the pelvis' rotation."""
        numbers = self.order.batch(step, self.settings.clips)[share]
        poses = self.captured.store.column("pose")
        rows = poses.read(self.captured.first_rows[numbers], self.settings.frames)
        return torch.from_numpy(rows[..., 3:])


def _mixture(config: PaperConfig, names: tuple[str, ...], window: int, stride: int, stream: int) -> Mixture:
    stores = {name: FeatureStore.open(config.data / name) for name in names}
    parts = [
        WindowedStore.cut(
            store.across_gaps() if config.across_gaps else store,
            window,
            stride,
            config.repeat_ends,
            with_body=name not in config.without_body,
        )
        for name, store in stores.items()
    ]
    return Mixture(parts, _stream(config, stream))


def _stream(config: PaperConfig, stream: int) -> int:
    return config.seed * STREAMS + stream
