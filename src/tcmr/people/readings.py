"""One person's readings, packed: an hour has a hundred thousand, and as objects they would take thrice the memory."""

from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
from jaxtyping import Shaped

from tcmr.people.motion import Reading
from tcmr.types import Flow, Landmarks, Region

Array = np.ndarray

BLOCK = 256  # readings in one piece of memory
REGION = np.dtype([("center_xy_px", np.float64, 2), ("size_px", np.float64), ("rotation_rad", np.float64)])
RECORD = np.dtype(
    [
        ("frame_index", np.int64),
        ("time_s", np.float64),
        ("box_xyxy_px", np.float64, 4),
        ("colours", np.float64, (3, 3)),
        ("region", REGION),
        ("next_region", REGION),
        ("score", np.float32),
        ("xy_px", np.float32, (33, 2)),
        ("visibility", np.float32, 33),
        ("presence", np.float32, 33),
        ("world_m", np.float32, (33, 3)),
        ("spread_px", np.float32, 33),
        ("flow_px", np.float32, (33, 2)),
        ("flow_certainty", np.float32, 33),
    ]
)


class Readings(Sequence[Reading]):
    """Readings in the order of time, without their pooled features; what is taken out are copies."""

    def __init__(self, readings: Iterable[Reading] = ()):
        self._blocks: list[Array] = []
        self._count = 0
        self.extend(readings)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Reading: ...

    @overload
    def __getitem__(self, index: slice) -> list[Reading]: ...

    def __getitem__(self, index: int | slice) -> Reading | list[Reading]:
        rows = range(self._count)[index]
        return self._reading(rows) if isinstance(rows, int) else [self._reading(row) for row in rows]

    def append(self, reading: Reading) -> None:
        """Add a reading at the end."""
        if self._count == BLOCK * len(self._blocks):
            self._blocks.append(np.empty(BLOCK, RECORD))
        landmarks = reading.landmarks
        self._blocks[-1][self._count % BLOCK] = (
            reading.frame_index,
            reading.time_s,
            reading.box_xyxy_px,
            reading.colours,
            _packed(landmarks.region),
            _packed(landmarks.next_region),
            landmarks.score,
            landmarks.xy_px,
            landmarks.visibility,
            landmarks.presence,
            landmarks.world_m,
            landmarks.spread_px,
            reading.flow.px,
            reading.flow.certainty,
        )
        self._count += 1

    def extend(self, readings: Iterable[Reading]) -> None:
        """Add readings at the end."""
        for reading in readings:
            self.append(reading)

    def cut(self, count: int) -> None:
        """Drop all but the first `count`."""
        self._count = min(self._count, count)
        del self._blocks[-(-self._count // BLOCK) :]

    def forget(self, count: int) -> None:
        """Drop old ones, a block at a time, as long as the last `count` stay."""
        while self._count - BLOCK >= count:
            del self._blocks[0]
            self._count -= BLOCK

    def column(self, name: str) -> Shaped[Array, "readings ..."]:
        """Return one of the values, by its name in `RECORD`, of all readings."""
        return np.concatenate([np.empty(0, RECORD)[name], *(block[name] for block in self._blocks)])[
            : self._count
        ]

    def _reading(self, row: int) -> Reading:
        record = self._blocks[row // BLOCK][row % BLOCK].copy()
        landmarks = Landmarks(
            region=_region(record["region"]),
            next_region=_region(record["next_region"]),
            xy_px=record["xy_px"],
            visibility=record["visibility"],
            presence=record["presence"],
            world_m=record["world_m"],
            score=float(record["score"]),
            spread_px=record["spread_px"],
        )
        return Reading(
            int(record["frame_index"]),
            float(record["time_s"]),
            record["box_xyxy_px"],
            landmarks,
            record["colours"],
            Flow(record["flow_px"], record["flow_certainty"]),
        )


def _packed(region: Region) -> tuple[tuple[float, float], float, float]:
    return region.center_xy_px, region.size_px, region.rotation_rad


def _region(record: np.void) -> Region:
    x_px, y_px = record["center_xy_px"].tolist()
    return Region((x_px, y_px), float(record["size_px"]), float(record["rotation_rad"]))
