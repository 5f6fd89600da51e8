"""The values that cross from one stage to the next, in the order in which they appear.

All are frozen. Units and frames are in the names: pixels of the full frame, metres, radians, seconds.
Camera frame: x right, y down, z forward.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int64, UInt8

from tcmr.arrays import Expected, fitting, read_npz
from tcmr.errors import TcmrError, damaged_result
from tcmr.files import written_whole
from tcmr.rotations import axis_angle_from_rotmat

Array = np.ndarray


def unbroken(frames: Int64[Array, " frames"]) -> list[slice]:
    """Return the rows of each stretch of consecutive frames, in order.

    >>> unbroken(np.array([3, 4, 5, 9, 10]))
    [slice(0, 3, None), slice(3, 5, None)]
    """
    starts = [0, *(1 + np.flatnonzero(np.diff(frames) != 1)).tolist()]
    return [slice(*ends) for ends in zip(starts, [*starts[1:], len(frames)], strict=True)]


@dataclass(frozen=True)
class Clip:
    """What is known of a video (or a folder of images) once it is opened.

    `width` and `height` are those of the picture as it is to be seen (rotation applied). `fps` is the mean
    rate from the timestamps where they are known, else the container's. `frame_count` is the container's
    estimate (None where it does not say).
    """

    path: Path
    width: int
    height: int
    fps: float
    frame_count: int | None
    has_audio: bool


@dataclass(frozen=True)
class Frame:
    """One picture of a clip."""

    index: int
    time_s: float
    rgb: UInt8[Array, "height width 3"]


@dataclass(frozen=True)
class Detections:
    """The persons that a detector sees in one frame."""

    boxes_xyxy_px: Float[Array, "persons 4"]
    scores: Float[Array, " persons"]


@dataclass(frozen=True)
class Region:
    """A rotated square of the full frame: what the landmark network looks at.

    `rotation_rad` is the angle of the region's x axis to the frame's, clockwise as seen (y down).
    """

    center_xy_px: tuple[float, float]
    size_px: float
    rotation_rad: float


@dataclass(frozen=True)
class Landmarks:
    """BlazePose's reading of one person in one frame.

    `world_m` is relative to the middle of the hips, axes as the camera frame's (the region's rotation is
    undone). `score` is the network's belief that there is a person in the region, 0 to 1. `spread_px` is how far apart
    two readings of each landmark lie, of the crop and of its mirror image; 0 where there was one. `pooled` is the
    feature from which the network reads all of these.
    """

    region: Region
    next_region: Region
    xy_px: Float32[Array, "33 2"]
    visibility: Float32[Array, "33"]
    presence: Float32[Array, "33"]
    world_m: Float32[Array, "33 3"]
    score: float
    spread_px: Float32[Array, "33"]
    pooled: Float32[Array, "1152"] | None = None


@dataclass(frozen=True)
class Flow:
    """How far the picture moved at each landmark since the frame before, and how certain that is.

    `certainty` is one over the error to be expected, in pixels; 0 where nothing is known.
    """

    px: Float32[Array, "33 2"]
    certainty: Float32[Array, "33"]

    @staticmethod
    def unknown() -> "Flow":
        """Return the flow where there is no frame before."""
        return Flow(np.zeros((33, 2), np.float32), np.zeros(33, np.float32))


@dataclass(frozen=True)
class Track:
    """One person through a clip: the frames in which the person is seen, and the landmarks there.

    `frames` ascends and has no holes: a short gap is filled by interpolation and marked in `bridged`. A longer
    gap ends a Track, and the same `id` goes on in the next one (`segment` counts them). `spread_px` is
    how unsure landmarks are (see `Landmarks`), `flow_px` and `flow_certainty` are each frame's `Flow`.
    """

    id: int
    segment: int
    frames: Int64[Array, " frames"]
    xy_px: Float32[Array, "frames 33 2"]
    visibility: Float32[Array, "frames 33"]
    world_m: Float32[Array, "frames 33 3"]
    scores: Float32[Array, " frames"]
    bridged: Bool[Array, " frames"]
    spread_px: Float32[Array, "frames 33"]
    flow_px: Float32[Array, "frames 33 2"]
    flow_certainty: Float32[Array, "frames 33"]

    def part(self, rows: slice) -> "Track":
        """Return some of the frames."""
        return replace(self, **{name: each[rows] for name, each in self._per_frame().items()})

    def joined(self, later: "Track") -> "Track":
        """Return the track with the frames of a later one behind its own."""
        also = later._per_frame()
        both: dict[str, Any] = {
            name: np.concatenate([each, also[name]]) for name, each in self._per_frame().items()
        }
        return replace(self, **both)

    def _per_frame(self) -> dict[str, Any]:
        names = [entry.name for entry in fields(self) if entry.name not in ("id", "segment")]
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Dropped:
    """A person who was seen but is not in the result, and why."""

    id: int
    first_frame: int
    last_frame: int
    frame_count: int
    reason: str


@dataclass(frozen=True)
class Features:
    """Static features of one person, frame by frame, and the square crops that they describe."""

    static: Float32[Array, "frames size"]
    frames: Int64[Array, " frames"]
    boxes_xyxy_px: Float32[Array, "frames 4"] | None = None

    def part(self, rows: slice) -> "Features":
        """Return some of the frames."""
        boxes = self.boxes_xyxy_px
        return Features(self.static[rows], self.frames[rows], None if boxes is None else boxes[rows])


# What `Motion.load` reads of a motion file.
_MOTION_FILE = {
    "rotmat": Expected(("frames", 24, 3, 3)),
    "betas": Expected(("frames", 10)),
    "cam": Expected(("frames", 3)),
    "joints": Expected(("frames", 24, 3)),
    "attention": Expected(("frames", 3)),
    "frames": Expected(("frames",), np.int64),
    "mocap_framerate": Expected((), np.float64),
    "body": Expected((), np.str_),
    "weights": Expected((), np.str_),
    "person": Expected((), np.int64),
    "transl": Expected(("frames", 3), optional=True),
    "boxes": Expected(("frames", 4), optional=True),
    "bridged": Expected(("frames",), np.bool_, optional=True),
    "shot": Expected((), np.int64, optional=True),
    "camera_rotmat": Expected(("frames", 3, 3), optional=True),
}


@dataclass(frozen=True)
class Motion:
    """One person's motion: what the product is for.

    Frames need not be consecutive (a person may leave and come back). `camera` is the crop's weak
    perspective (s, tx, ty); `transl_m` places the pelvis in camera coordinates, None without a video.
    `rotmat` has the parent-relative rotation of each SMPL joint, the pelvis' to the camera. `camera_rotmat` takes
    the camera's axes in each frame to those that it had in the first frame of the shot, which is `shot`; None where
    it did not turn or nobody looked.
    """

    rotmat: Float32[Array, "frames 24 3 3"]
    betas: Float32[Array, "frames 10"]
    camera: Float32[Array, "frames 3"]
    joints_m: Float32[Array, "frames 24 3"]
    attention: Float32[Array, "frames 3"]
    frames: Int64[Array, " frames"]
    fps: float
    body: str
    weights: str
    person: int = 0
    transl_m: Float32[Array, "frames 3"] | None = None
    boxes_xyxy_px: Float32[Array, "frames 4"] | None = None
    bridged: Bool[Array, " frames"] | None = None
    shot: int = 0
    camera_rotmat: Float32[Array, "frames 3 3"] | None = None

    def __len__(self) -> int:
        return len(self.frames)

    def stretches(self) -> list[slice]:
        """Return the rows of each unbroken stretch of frames, in order."""
        return unbroken(self.frames)

    def save(self, path: str | Path) -> None:
        """Write the motion as .npz, whole or not at all; docs/output.md names the keys.

        Raises:
            TcmrError: the file cannot be written.
        """
        poses = axis_angle_from_rotmat(torch.from_numpy(self.rotmat)).flatten(1).numpy()
        arrays: dict[str, Any] = {
            "poses": poses,
            "betas": self.betas,
            "cam": self.camera,
            "joints": self.joints_m,
            "rotmat": self.rotmat,
            "attention": self.attention,
            "frames": self.frames,
            "mocap_framerate": np.float64(self.fps),
            "body": np.array(self.body),
            "weights": np.array(self.weights),
            "person": np.int64(self.person),
            "shot": np.int64(self.shot),
        }
        optional = {
            "transl": self.transl_m,
            "boxes": self.boxes_xyxy_px,
            "bridged": self.bridged,
            "camera_rotmat": self.camera_rotmat,
        }
        arrays |= {key: array for key, array in optional.items() if array is not None}
        try:
            with written_whole(Path(path)) as file:
                np.savez_compressed(file, allow_pickle=False, **arrays)
        except OSError as error:
            raise TcmrError(f"cannot write {path}: {error.strerror or error}") from error

    def export(self, path: str | Path, **choices: Any) -> None:
        """Write the motion in the format of another program; `tcmr.export_motions` tells formats and choices."""
        # By name, because exports stand below the values that they write.
        import_module("tcmr.export").export_motions(self, path, **choices)

    @staticmethod
    def load(path: str | Path) -> "Motion":
        """Read a motion that `save` wrote.

        Raises:
            TcmrError: the file is not a motion.
        """
        try:
            arrays = fitting(read_npz(Path(path), _MOTION_FILE.__contains__), _MOTION_FILE)
            if not (np.diff(arrays["frames"]) > 0).all() or len(arrays["frames"]) == 0:
                raise ValueError("frames do not ascend, or there are none")
            if not arrays["mocap_framerate"] > 0:
                raise ValueError("mocap_framerate is not above 0")
        except (OSError, ValueError) as error:
            raise damaged_result(Path(path), error) from error
        return Motion(
            rotmat=arrays["rotmat"],
            betas=arrays["betas"],
            camera=arrays["cam"],
            joints_m=arrays["joints"],
            attention=arrays["attention"],
            frames=arrays["frames"],
            fps=float(arrays["mocap_framerate"]),
            body=str(arrays["body"]),
            weights=str(arrays["weights"]),
            person=int(arrays["person"]),
            transl_m=arrays.get("transl"),
            boxes_xyxy_px=arrays.get("boxes"),
            bridged=arrays.get("bridged"),
            shot=int(arrays.get("shot", 0)),
            camera_rotmat=arrays.get("camera_rotmat"),
        )

    @staticmethod
    def joined(parts: Sequence["Motion"]) -> "Motion":
        """Join one person's motions, in the order of time; what one of them lacks, the whole lacks."""
        if len(parts) == 1:
            return parts[0]
        parts = sorted(parts, key=lambda part: part.frames[0])

        def column(name: str) -> Array | None:
            columns = [getattr(part, name) for part in parts]
            return None if any(each is None for each in columns) else np.concatenate(columns)

        arrays: dict[str, Any] = {
            entry.name: column(entry.name)
            for entry in fields(Motion)
            if entry.name not in ("fps", "body", "weights", "person", "shot")
        }
        return replace(parts[0], **arrays)
