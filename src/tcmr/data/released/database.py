"""One released database, open and checked: a video's fields at a time, as a feature store has them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int64, Shaped

from tcmr.data.released.keypoints import has_area, in_boxes, in_crop, placed
from tcmr.data.released.kinds import KINDS, Kind, KindName
from tcmr.data.released.rows import Rows, blocks
from tcmr.data.released.videos import Video, counted, find_videos, frame_numbers
from tcmr.errors import TcmrError

Array = np.ndarray
NUMBERS, WHOLE_NUMBERS, TEXT = "fiub", "iu", "USO"


@dataclass(frozen=True)
class Database:
    """A database's arrays, all of one length and of the right shapes, and its videos.

    `fields` names the fields of the store that it becomes.
    """

    path: Path
    kind: Kind
    arrays: Mapping[str, Rows]
    videos: list[Video]
    fields: tuple[str, ...]

    @staticmethod
    def of(path: Path, name: KindName, arrays: Mapping[str, Rows]) -> "Database":
        """Check arrays, without reading more than names and poses.

        Raises:
            TcmrError: one is missing, of another length or shape than it should be, or a video comes back.
        """
        kind = KINDS[name]
        fault = _fault(kind, arrays)
        if fault:
            raise TcmrError(f"{path} is no {name} database as released: {fault}")
        try:
            videos = find_videos(arrays["vid_name"])
        except ValueError as error:
            raise TcmrError(f"{path}: {error}") from error
        return Database(path, kind, arrays, videos, _fields(kind, arrays))

    def selected(self, only: str | None, without: str | None) -> list[Video]:
        """Return the videos whose names match `only` and do not match `without` (regular expressions).

        Raises:
            TcmrError: none is left, or a pattern is no regular expression.
        """
        try:
            chosen = [
                video
                for video in self.videos
                if (only is None or re.search(only, video.name))
                and (without is None or not re.search(without, video.name))
            ]
        except re.error as error:
            raise TcmrError(f"{error.pattern!r} is no regular expression: {error}") from error
        if not chosen:
            raise TcmrError(f"{self.path}: no video is left; the first is named {self.videos[0].name}")
        return chosen

    def frames(self, video: Video) -> Int64[Array, " frames"]:
        """Return the numbers of a video's frames, counted by its smallest step.

        Raises:
            TcmrError: they are not told, or do not ascend.
        """
        try:
            return counted(frame_numbers(np.asarray(self.arrays[self.kind.frames][video.rows])))
        except ValueError as error:
            raise self._trouble(video, f"{error} (in {self.kind.frames})") from error

    def read(self, video: Video) -> dict[str, Float[Array, "frames ..."]]:
        """Return a video's fields.

        Raises:
            TcmrError: there are NaN or infinite values.
        """
        fields = {"static": self._numbers("features", video), "keypoints": self._keypoints(video)}
        if "joints_m" in self.fields:
            joints = self._numbers("joints3D", video)
            fields["joints_m"] = placed(joints, self.kind.joints[joints.shape[1]])
        if "pose" in self.fields:
            fields |= {"pose": self._numbers("pose", video), "betas": self._numbers("shape", video)}
        if "body_weight" in self.fields:
            fields["body_weight"] = _has_body(fields["pose"], fields["betas"])
        if "valid" in self.fields:
            fields["valid"] = self._numbers(str(self.kind.valid), video).reshape(-1).astype(bool)
        return {name: rows.astype(np.float32, copy=False) for name, rows in fields.items()}

    def without_box(self, video: Video) -> int:
        """Count a video's frames that have no box, and so no keypoints."""
        return int((~has_area(self._numbers("bbox", video))).sum()) if self.kind.boxes else 0

    def _keypoints(self, video: Video) -> Float[Array, "frames 49 3"]:
        keypoints = self._numbers("joints2D", video)
        seen = in_boxes(keypoints, self._numbers("bbox", video)) if self.kind.boxes else in_crop(keypoints)
        return placed(seen, self.kind.keypoints[keypoints.shape[1]])

    def _numbers(self, name: str, video: Video) -> Shaped[Array, "frames ..."]:
        rows = np.asarray(self.arrays[name][video.rows])
        if rows.dtype.kind == "f" and not np.isfinite(rows).all():
            wrong = ~np.isfinite(rows.reshape(len(rows), -1)).all(1)
            first = video.rows.start + int(np.flatnonzero(wrong)[0])
            raise self._trouble(
                video, f"{name} is NaN or infinite in {wrong.sum()} frames, the first of them row {first}"
            )
        return rows.astype(np.float64) if rows.dtype.kind in "iub" else rows

    def _trouble(self, video: Video, what: str) -> TcmrError:
        return TcmrError(
            f"{self.path}: video {video.name}: {what}; get the file anew, or leave the video out "
            f"(--without '{re.escape(video.name)}$')"
        )


def _has_body(pose: Array, shape: Array) -> Array:
    """Tell in which frames there are labels: where there are none, the databases have zeros."""
    return np.asarray(pose.any(1) | shape.any(1))


def _fault(kind: Kind, arrays: Mapping[str, Rows]) -> str | None:
    """Return what is wrong with a database's arrays."""
    shapes = kind.shapes()
    missing = [name for name in shapes if name not in arrays and name not in kind.optional]
    if missing:
        return f"{', '.join(missing)} missing; it has {', '.join(arrays) or 'no arrays'}; is --kind right?"
    count = arrays["features"].shape[0] if arrays["features"].shape else 0
    if count == 0:
        return "it has no frames"
    for name, rows in shapes.items():
        if name not in arrays:
            continue
        array = arrays[name]
        if array.shape[0:1] != (count,):
            return f"{name} has {list(array.shape)}, but features have {count} rows: all must be as long"
        if array.shape[1:] not in rows:
            wanted = " or ".join(str([count, *row]) for row in rows)
            return f"{name} must be {wanted}, not {list(array.shape)}; is --kind right?"
        types = TEXT if name == "vid_name" else WHOLE_NUMBERS + TEXT if name == kind.frames else NUMBERS
        if array.dtype.kind not in types:
            return f"{name} has values of type {array.dtype}"
    return None


def _fields(kind: Kind, arrays: Mapping[str, Rows]) -> tuple[str, ...]:
    """Return the fields of a store that arrays give; pose and shape of zeros are none."""
    fields = ["static", "keypoints"]
    if kind.joints:
        fields.append("joints_m")
    if kind.body and {"pose", "shape"} <= arrays.keys():
        known = np.concatenate(
            [
                _has_body(pose, shape)
                for (_, pose), (_, shape) in zip(blocks(arrays["pose"]), blocks(arrays["shape"]), strict=True)
            ]
        )
        if known.any():
            fields += ["pose", "betas"]
        if known.any() and not known.all():
            fields.append("body_weight")
    if kind.valid in arrays:
        fields.append("valid")
    return tuple(fields)
