"""What a run leaves: the motions, who was dropped and why, and how it was made; and its files."""

import json
import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tcmr.camera import CameraMovement, PinholeCamera
from tcmr.errors import TcmrError
from tcmr.files import written_whole
from tcmr.types import Clip, Dropped, Motion

RESULT_FILE = "result.json"
OVERLAY_FILE = "overlay.mp4"
REPORT_FILE = "report.html"
UNFINISHED = ".unfinished-"
LONGEST_NAME_BYTES = 200


@dataclass(frozen=True)
class Making:
    """How a result is made: the command, without the video and the output, and every choice by its name.

    `described_by` and `read_by` are the names and hashes of what gave the static features and the landmarks.
    """

    command: tuple[str, ...]
    choices: dict[str, Any]
    described_by: str
    read_by: str


@dataclass(frozen=True)
class Reception:
    """How a live source came in: what was lost on the way, and the frames that came first by a new connection."""

    dropped_frames: int
    damaged_frames: int
    reconnects: int
    cuts: list[int]


@dataclass(frozen=True)
class Result:
    """One video's result.

    `seconds` is the time of each stage, `shots` the first frame of each shot of a video, `movement` the camera's,
    where it was measured; `reception` is a live source's.
    """

    clip: Clip
    timestamps_s: list[float]
    camera: PinholeCamera
    motions: list[Motion]
    dropped: list[Dropped]
    warnings: list[str]
    seconds: dict[str, float]
    making: Making
    shots: list[int] | None = None
    movement: CameraMovement | None = None
    reception: Reception | None = None

    def save_motions(self, folder: Path) -> None:
        """Write `person-<id>.npz` for each person into a folder that exists.

        Raises:
            TcmrError: they cannot be written.
        """
        for motion in self.motions:
            motion.save(folder / f"person-{motion.person}.npz")

    def save_summary(self, folder: Path, source: str | None = None) -> None:
        """Write `result.json` into a folder that exists: the sign that everything else is there.

        `source` is what the video is called there, where the clip is a copy of it.

        Raises:
            TcmrError: it cannot be written.
        """
        summary = json.dumps(self.summary(source), indent=1) + "\n"
        try:
            with written_whole(folder / RESULT_FILE) as file:
                file.write(summary.encode())
        except OSError as error:
            raise TcmrError(f"cannot write into {folder}: {error.strerror}") from error

    def summary(self, source: str | None = None) -> dict[str, Any]:
        """Return what `result.json` holds."""
        frames, video = len(self.timestamps_s), source or str(self.clip.path)
        return {
            "video": video,
            "frames": frames,
            "fps": self.clip.fps,
            "size": [self.clip.width, self.clip.height],
            "timestamps_s": [round(time, 6) for time in self.timestamps_s],
            "camera": {
                "focal_px": self.camera.focal_px,
                "center_px": list(self.camera.center_xy_px),
                **({} if self.movement is None else _told_of(self.movement)),
            },
            "persons": [person_summary(motion) for motion in self.motions],
            "dropped": [asdict(person) for person in self.dropped],
            **({} if self.shots is None else {"shots": self.shots}),
            "warnings": self.warnings,
            "weights": self.motions[0].weights if self.motions else None,
            "body": self.motions[0].body if self.motions else None,
            "features": self.making.described_by,
            "landmarks": self.making.read_by,
            "command": shlex.join([*self.making.command, _as_argument(video)]),
            "options": self.making.choices,
            "versions": {name: version(name) for name in ("tcmr", "torch", "numpy", "av", "ai-edge-litert")},
            **({} if self.reception is None else {"live": asdict(self.reception)}),
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
        }


def _told_of(movement: CameraMovement) -> dict[str, float]:
    return {
        "turned_deg": round(movement.turned_deg, 2),
        "unexplained": round(movement.unexplained, 3),
        "blind": round(movement.blind, 3),
        **({} if movement.focal_px is None else {"told_focal_px": round(movement.focal_px, 1)}),
    }


def _as_argument(video: str) -> str:
    """Return a video as the command line takes it; "-" alone is the pipe, any other name with it an option."""
    return f"./{video}" if video.startswith("-") and video != "-" else video


def person_summary(motion: Motion) -> dict[str, Any]:
    """Return what `result.json` says of a person: file and stretches of frames (first and last)."""
    frames = motion.frames
    return {
        "id": motion.person,
        "file": f"person-{motion.person}.npz",
        "frames": len(frames),
        "ranges": [frames[stretch][[0, -1]].tolist() for stretch in motion.stretches()],
        "bridged_frames": 0 if motion.bridged is None else int(motion.bridged.sum()),
    }


def result_folder(output: Path, video: Path) -> Path:
    """Return the folder of one video's result: `output`/<name of the video>."""
    path = Path(os.path.abspath(video))
    return output / safe_name(path.name if os.path.isdir(path) else path.stem)


def safe_name(name: str) -> str:
    """Return a name as that of a folder that can be made, and lies within the folder that it is put into.

    >>> safe_name("a walk"), safe_name(".."), safe_name("a:b")
    ('a walk', 'video', 'a_b')
    """
    kept = "".join("_" if mark in "/\\:" or not mark.isprintable() else mark for mark in name).strip(". ")
    return kept.encode(errors="replace")[:LONGEST_NAME_BYTES].decode(errors="ignore") or "video"


def make_folder(folder: Path) -> None:
    """Make a folder for results where it is missing.

    Raises:
        TcmrError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TcmrError(
            f"cannot make the output folder {folder} ({error.strerror}); choose another with -o"
        ) from error
    if not os.access(folder, os.W_OK):
        raise TcmrError(f"cannot write into the output folder {folder}; choose another with -o")


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Yield an empty folder, and put its files into `folder` when all went well: the whole result or nothing.

    Until then an earlier result stays as it is. `result.json` goes first and comes last, so that at no moment
    it stands beside files that are not its own.

    Raises:
        TcmrError: the folder cannot be written.
    """
    make_folder(folder)
    try:
        remove_unfinished(folder)
        try:
            fresh = TemporaryDirectory(prefix=UNFINISHED, dir=folder, ignore_cleanup_errors=True)
        except OSError as error:
            raise TcmrError(f"cannot write into {folder}: {error.strerror}") from error
        with fresh:
            yield Path(fresh.name)
            replace_result(Path(fresh.name), folder)
    except BaseException:
        with suppress(OSError):
            folder.rmdir()  # where there was nothing before
        raise


def replace_result(fresh: Path, folder: Path) -> None:
    """Move a result's files into a folder, in the place of an earlier result's.

    Raises:
        TcmrError: the folder cannot be written.
    """
    try:
        clear_folder(folder)
        for path in sorted(fresh.iterdir(), key=lambda path: path.name == RESULT_FILE):
            os.replace(path, folder / path.name)
    except OSError as error:
        raise TcmrError(f"cannot write into {folder}: {error.strerror}") from error


def remove_unfinished(folder: Path) -> None:
    """Delete what runs left in a folder that were killed before they were done."""
    for path in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path, ignore_errors=True)


def clear_folder(folder: Path) -> None:
    """Delete what an earlier run left, so that no file of it is taken for a new one; nothing else."""
    for path in earlier_files(folder):
        path.unlink()


def earlier_files(folder: Path) -> list[Path]:
    """Return the files in a folder that have the names of a result's."""
    patterns = (RESULT_FILE, OVERLAY_FILE, REPORT_FILE, "person-*.npz")
    return [path for pattern in patterns for path in folder.glob(pattern)]
