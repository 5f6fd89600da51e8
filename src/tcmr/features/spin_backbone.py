"""The paper track's backbone: crops of the frames -> static features, by SPIN's ResNet-50."""

import copy
import os
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from tcmr.errors import TcmrError
from tcmr.features.backbone import Crops, Pictures
from tcmr.features.occlusion import Occlusion
from tcmr.features.resnet50 import FEATURE_SIZE, ResNet50
from tcmr.features.resnet50_fast import FastResNet50
from tcmr.features.spin_crop import BOX_SCALE, spin_crop

BATCH = 8


@dataclass(frozen=True)
class Squares:
    """Where one person is in some frames of a clip: what is cut out of them, by its longer side."""

    frames: Int64[np.ndarray, " frames"]
    boxes_xyxy_px: Float32[np.ndarray, "frames 4"]


@dataclass(frozen=True)
class _Cut:
    """A crop, and whose it is: the person's place in the list and the row of the person's track."""

    person: int
    row: int
    picture: Float32[np.ndarray, "224 224 3"]


class SpinBackbone:
    """SPIN's ResNet-50 over the crops of everybody in a clip, in one pass over its frames.

    On a CPU, batches go side by side, each on one of `threads` (default: one a core): no thread waits for another
    within a layer. With an `occlusion` (see `occluded`) things are pasted over every crop first.
    """

    box_scale = BOX_SCALE
    straight_crops = True
    needs_pictures = True

    def __init__(self, network: ResNet50, device: str = "cpu", threads: int | None = None):
        self._network = FastResNet50(network).to(device)
        self._device = device
        self._workers = (threads or os.cpu_count() or 1) if device == "cpu" else 1
        self._occlusion: Occlusion | None = None

    def occluded(self, occlusion: Occlusion) -> "SpinBackbone":
        """Return the same backbone, which sees the crops with things over them."""
        other = copy.copy(self)
        other._occlusion = occlusion
        return other

    def __call__(self, crops: Sequence[Crops], pictures: Pictures) -> list[Float[Tensor, "frames size"]]:
        """Return each person's static features.

        Raises:
            TcmrError: the clip has not all the frames in which the persons were seen.
        """
        people = [Squares(each.track.frames, each.boxes_xyxy_px.numpy()) for each in crops]
        return [torch.from_numpy(rows) for rows in self.of_squares(people, pictures)]

    def of_squares(
        self, people: Sequence[Squares], pictures: Pictures
    ) -> list[Float32[np.ndarray, "frames 2048"]]:
        """Return the static features of people whose places in the frames are known.

        Raises:
            TcmrError: the clip has not all the frames.
        """
        features = [np.empty((len(each.frames), FEATURE_SIZE), np.float32) for each in people]
        cuts = self._cuts(people, pictures)
        running: deque[tuple[list[_Cut], Future[np.ndarray]]] = deque()

        def collect() -> None:
            batch, described = running.popleft()
            for cut, feature in zip(batch, described.result(), strict=True):
                features[cut.person][cut.row] = feature

        with ThreadPoolExecutor(self._workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            while batch := list(islice(cuts, BATCH)):
                running.append((batch, pool.submit(self.describe, [cut.picture for cut in batch])))
                if len(running) > self._workers:
                    collect()
            while running:
                collect()
        return features

    @torch.inference_mode()
    def describe(
        self, pictures: Sequence[Float32[np.ndarray, "224 224 3"]]
    ) -> Float32[np.ndarray, "batch 2048"]:
        """Return the static features of normalised crops."""
        # Stacked like this, channels are last in memory, as the network has them.
        images = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
        return self._network(images.to(self._device)).cpu().numpy()

    def _cuts(self, people: Sequence[Squares], pictures: Pictures) -> Iterator[_Cut]:
        """Go through the clip once and cut everybody out, up to the last frame that is needed."""
        due: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for person, each in enumerate(people):
            for row, index in enumerate(each.frames.tolist()):
                due[index].append((person, row))
        for frame in pictures() if due else ():
            for person, row in due.pop(frame.index, ()):
                picture = spin_crop(frame.rgb, people[person].boxes_xyxy_px[row])
                if self._occlusion is not None:
                    picture = self._occlusion.over(picture, person, frame.index)
                yield _Cut(person, row, picture)
            if not due:
                return
        if due:
            raise TcmrError(
                f"frame {min(due)} of the clip is not there any more: was the file changed meanwhile?"
            )
