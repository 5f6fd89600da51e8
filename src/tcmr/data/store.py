"""A feature store: one database's sequences as one .npy file for each field, however large.

A store is a folder. `store.json` says what it is; `sequence_*.npy` say where each sequence begins and how long
it is; the fields hold the frames of all sequences, one after the other:

    static [N, D]         static features
    keypoints [N, 49, 3]  SPIN's 49 in the crop: x and y where the box spans -1 to 1, confidence
    joints_m [N, 49, 3]   the same 49 in metres
    pose [N, 72]          axis-angle, as SMPL's
    betas [N, 10]         shape
    body_weight [N]       how much pose and shape count in training; 1 where it is not there
    valid [N]             1 where the frame counts in evaluation

A field that the database does not have is not there. Frames of a sequence are consecutive: where the database
leaves some out, a new sequence begins; `sequence_video.npy` tells which sequences are of one video.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from tcmr.arrays import Expected, fitting, read_npy
from tcmr.data.column import Column, ColumnWriter
from tcmr.data.labels import LabelledWindows, Labels
from tcmr.errors import TcmrError
from tcmr.files import read_json
from tcmr.joints import SMPL_24
from tcmr.rotations import rotmat_from_axis_angle

Array = np.ndarray
FORMAT = "tcmr-store-1"
# Shapes of a row; that of static is the backbone's.
ROWS: dict[str, tuple[int, ...] | None] = {
    "static": None,
    "keypoints": (49, 3),
    "joints_m": (49, 3),
    "pose": (72,),
    "betas": (10,),
    "body_weight": (),
    "valid": (),
}

_SEQUENCES = {
    "start": Expected(("sequences",), np.int64),
    "length": Expected(("sequences",), np.int64),
    "video": Expected(("sequences",), np.int64, optional=True),
}


@dataclass(frozen=True)
class FeatureStore:
    """A store that is open for reading; only where sequences begin is in memory.

    `videos` numbers the video of each sequence, in ascending order. `database` names the released database that
    the store was converted from, and with it the protocol that it is tested by.
    """

    name: str
    path: Path
    columns: Mapping[str, Column]
    starts: Int64[Array, " sequences"]
    lengths: Int64[Array, " sequences"]
    videos: Int64[Array, " sequences"]
    database: str | None = None

    @staticmethod
    def open(path: Path) -> "FeatureStore":
        """Open a store.

        Raises:
            TcmrError: there is none, or its files do not fit together; the message says which.
        """
        about = _read_about(path)
        columns = {name: Column(path / f"{name}.npy") for name in about["fields"]}
        for name, column in columns.items():
            row = ROWS[name]
            if len(column.shape) != 2 if row is None else column.shape[1:] != row:
                raise TcmrError(f"{column.path} has rows of {list(column.shape[1:])}: not a field of a store")
            if len(column) != about["frames"]:
                raise TcmrError(f"{column.path} has {len(column)} frames, the store {about['frames']}")
        sequences = _read_sequences(path)
        starts, lengths = sequences["start"], sequences["length"]
        if not ((starts >= 0) & (lengths > 0) & (starts <= about["frames"] - lengths)).all():
            raise TcmrError(f"{path} has sequences that reach beyond its frames")
        videos = sequences.get("video", np.arange(len(starts)))
        return FeatureStore(about["name"], path, columns, starts, lengths, videos, about.get("database"))

    def across_gaps(self) -> "FeatureStore":
        """Return the same with each video as one sequence, as if no frames were left out: the released code's way."""
        videos, first = np.unique(self.videos, return_index=True)
        lengths = np.add.reduceat(self.lengths, first) if len(first) else self.lengths
        return replace(self, starts=self.starts[first], lengths=lengths, videos=videos)

    def describe(self) -> dict[str, Any]:
        """Return what a record says of the store."""
        return {
            "path": str(self.path),
            "frames": int(self.lengths.sum()),
            "sequences": len(self.starts),
            "fields": list(self.columns),
        }

    def column(self, name: str) -> Column:
        """Return a field.

        Raises:
            TcmrError: the database does not have it.
        """
        if name not in self.columns:
            raise TcmrError(f"the feature store {self.path} has no {name}; it has {', '.join(self.columns)}")
        return self.columns[name]

    def static(self, first_rows: Int64[Array, " runs"], length: int) -> Float32[Tensor, "runs length size"]:
        """Return runs of static features."""
        return torch.from_numpy(self.column("static").read(first_rows, length))

    def windows(
        self, first_rows: Int64[Array, " samples"], window: int, with_body: bool = True
    ) -> LabelledWindows:
        """Return windows with the labels of their target frames (the one at window // 2)."""
        static = self.static(first_rows, window)
        return LabelledWindows(static, self.labels(first_rows + window // 2, with_body))

    def labels(self, rows: Int64[Array, " samples"], with_body: bool = True) -> Labels:
        """Return the labels of frames; without `with_body` pose and shape do not count."""

        def read(name: str) -> Tensor:
            return torch.from_numpy(self.column(name).read(rows, 1)[:, 0])

        labels = {"keypoints": read("keypoints")} if "keypoints" in self.columns else {}
        counted = torch.ones(len(rows))
        if "joints_m" in self.columns:
            labels |= {"joints_m": read("joints_m"), "joints_weight": counted}
        if with_body and {"pose", "betas"} <= self.columns.keys():
            rotmat = rotmat_from_axis_angle(read("pose").unflatten(-1, (len(SMPL_24), 3)))
            weight = read("body_weight") if "body_weight" in self.columns else counted
            labels |= {"rotmat": rotmat, "betas": read("betas"), "body_weight": weight}
        return Labels.of(len(rows), **labels)

    def sequences(self) -> Iterator[Int64[Array, " frames"]]:
        """Yield the rows of each sequence."""
        for start, length in zip(self.starts.tolist(), self.lengths.tolist(), strict=True):
            yield np.arange(start, start + length)


def _read_about(path: Path) -> dict[str, Any]:
    try:
        about = read_json(path / "store.json")
    except (OSError, ValueError) as error:
        raise TcmrError(f"{path} is not a feature store: {error}") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        named = about.get("format") if isinstance(about, dict) else about
        raise TcmrError(f"{path} is a feature store of format {named!r:.40}, need {FORMAT!r}")
    fields, frames = about.get("fields"), about.get("frames")
    if not isinstance(fields, list) or not all(isinstance(name, str) and name in ROWS for name in fields):
        raise TcmrError(
            f"{path} is a feature store with the fields {fields!r:.80}; there are: {', '.join(ROWS)}"
        )
    if type(frames) is not int or not isinstance(about.get("name"), str):
        raise TcmrError(f"{path} is a feature store that does not tell its name and number of frames")
    if not isinstance(about.get("database"), str | None):
        raise TcmrError(f"{path} is a feature store converted from {about['database']!r:.40}")
    return about


def _read_sequences(path: Path) -> dict[str, Array]:
    files = {name: path / f"sequence_{name}.npy" for name in _SEQUENCES}
    try:
        arrays = {name: read_npy(file) for name, file in files.items() if name != "video" or file.is_file()}
        return fitting(arrays, _SEQUENCES)
    except (OSError, ValueError) as error:
        raise TcmrError(f"{path} is a feature store with damaged sequences: {error}") from error


class StoreWriter:
    """Writes a store sequence by sequence; without `close` there is none.

    `fields` names the fields that every sequence brings, `database` the released database that they are from.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        fields: tuple[str, ...],
        feature_size: int = 2048,
        database: str | None = None,
    ):
        unknown = [field for field in fields if field not in ROWS]
        if unknown:
            raise ValueError(f"no field of a store: {', '.join(unknown)}; there are: {', '.join(ROWS)}")
        path.mkdir(parents=True, exist_ok=True)
        (path / "store.json").unlink(missing_ok=True)
        self._path, self._name, self._database = path, name, database
        self._writers = {
            field: ColumnWriter(path / f"{field}.npy", (feature_size,) if row is None else row)
            for field, row in ROWS.items()
            if field in fields
        }
        self._starts: list[int] = []
        self._lengths: list[int] = []
        self._videos: list[int] = []
        self._frames = 0

    def add(
        self, frame_numbers: Int64[Array, " frames"], split_at_gaps: bool = True, **fields: Array
    ) -> None:
        """Add the frames of one video, as several sequences where frames are left out.

        Without `split_at_gaps` the frames on both sides of a gap pass for neighbours, as in the released code.

        Raises:
            ValueError: the fields are not the store's, are of different lengths or not finite, or the frames
                are not in ascending order.
        """
        if set(fields) != set(self._writers):
            raise ValueError(f"a sequence needs {', '.join(self._writers)}; got {', '.join(fields)}")
        steps = np.diff(frame_numbers)
        if (steps < 1).any():
            raise ValueError(
                f"frames must ascend; frame {frame_numbers[1:][steps < 1][0]} comes after a later or equal one"
            )
        for name, rows in fields.items():
            if len(rows) != len(frame_numbers) or not np.isfinite(rows).all():
                raise ValueError(f"{name} must have {len(frame_numbers)} frames, all finite; has {len(rows)}")
        for name, rows in fields.items():
            self._writers[name].append(rows)
        cuts = 1 + np.flatnonzero(steps > 1) if split_at_gaps else np.array([], np.int64)
        edges = [0, *cuts.tolist(), len(frame_numbers)]
        self._starts += [self._frames + edge for edge in edges[:-1]]
        self._lengths += np.diff(edges).tolist()
        self._videos += [self._videos[-1] + 1 if self._videos else 0] * (len(edges) - 1)
        self._frames += len(frame_numbers)

    def close(self) -> FeatureStore:
        """Finish the store and open it."""
        for writer in self._writers.values():
            writer.close()
        np.save(self._path / "sequence_start.npy", np.array(self._starts, np.int64))
        np.save(self._path / "sequence_length.npy", np.array(self._lengths, np.int64))
        np.save(self._path / "sequence_video.npy", np.array(self._videos, np.int64))
        about = {
            "format": FORMAT,
            "name": self._name,
            "frames": self._frames,
            "fields": list(self._writers),
            "database": self._database,
        }
        partial = self._path / "store.json.partial"
        partial.write_text(json.dumps(about, indent=1) + "\n")
        os.replace(partial, self._path / "store.json")
        return FeatureStore.open(self._path)
