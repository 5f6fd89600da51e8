"""Windows of several databases, drawn together: which come in which step depends on the seed and the step alone.

So a run goes on after a stop as if there had been none, and several processes can each read their share of a
batch without a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Int64

from tcmr.data.labels import LabelledWindows, joined_windows
from tcmr.data.store import FeatureStore
from tcmr.data.training_windows import training_windows
from tcmr.errors import TcmrError

Array = np.ndarray


@dataclass(frozen=True)
class WindowedStore:
    """A store cut into windows; `with_body` tells whether its pose and shape labels count."""

    store: FeatureStore
    first_rows: Int64[Array, " windows"]
    window: int
    with_body: bool = True

    @staticmethod
    def cut(
        store: FeatureStore,
        window: int,
        stride: int = 1,
        repeat_ends: bool = False,
        with_body: bool = True,
    ) -> "WindowedStore":
        """Cut each sequence into windows (see `training_windows`).

        Raises:
            TcmrError: no sequence is as long as a window.
        """
        first = [
            start + training_windows(length, window, stride, repeat_ends).numpy()
            for start, length in zip(store.starts.tolist(), store.lengths.tolist(), strict=True)
        ]
        rows = np.concatenate([*first, np.array([], np.int64)])
        if len(rows) == 0:
            raise TcmrError(f"the feature store {store.path} has no sequence of {window} frames or more")
        return WindowedStore(store, rows, window, with_body)

    def __len__(self) -> int:
        return len(self.first_rows)

    def read(self, numbers: Int64[Array, " samples"]) -> LabelledWindows:
        """Return windows by number."""
        return self.store.windows(self.first_rows[numbers], self.window, self.with_body)


@dataclass
class Shuffle:
    """All numbers below `size`, in an order of their own for every pass; a pass without its last, partial batch.

    Where there are fewer than a batch, each batch is drawn with repetition.
    """

    size: int
    seed: int
    _pass: int = field(default=-1, init=False)
    _order: Int64[Array, " size"] = field(default_factory=lambda: np.empty(0, np.int64), init=False)

    def batch(self, step: int, count: int) -> Int64[Array, " count"]:
        """Return the numbers of a step's batch."""
        steps = self.size // count
        if steps == 0:
            return np.random.default_rng([self.seed, step]).integers(self.size, size=count)
        if self._pass != step // steps:
            self._pass = step // steps
            self._order = np.random.default_rng([self.seed, self._pass]).permutation(self.size)
        first = step % steps * count
        return self._order[first : first + count]


class Mixture:
    """Windows of several stores, so that each store comes up in proportion to its windows.

    Paper: released code, which mixes its databases so.
    """

    def __init__(self, parts: Sequence[WindowedStore], seed: int):
        self.parts = tuple(parts)
        self._ends = np.cumsum([len(part) for part in parts])
        self._shuffle = Shuffle(int(self._ends[-1]), seed)

    def __len__(self) -> int:
        return int(self._ends[-1])

    def read(self, step: int, count: int, share: slice = slice(None)) -> LabelledWindows:
        """Return a step's batch of `count` windows, or a share of it; only that is read."""
        numbers = self._shuffle.batch(step, count)[share]
        part_of = np.searchsorted(self._ends, numbers, side="right")
        begins = self._ends - [len(part) for part in self.parts]
        places, batches = [], []
        for index in np.unique(part_of) if len(numbers) else [0]:
            here = np.flatnonzero(part_of == index)
            places.append(here)
            batches.append(self.parts[index].read(numbers[here] - begins[index]))
        if len(batches) == 1:
            return batches[0]
        order = np.argsort(np.concatenate(places))
        return joined_windows(batches).part(torch.from_numpy(order))
