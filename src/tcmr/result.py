"""What a run leaves: the motions, who was dropped and why, and how it was made; and its files."""

import json
import os
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.types import Clip, Dropped, Motion

RESULT_FILE = "result.json"
OVERLAY_FILE = "overlay.mp4"


@dataclass(frozen=True)
class Result:
    """One video's result. `seconds` is the time of each stage."""

    clip: Clip
    timestamps_s: list[float]
    camera: PinholeCamera
    motions: list[Motion]
    dropped: list[Dropped]
    warnings: list[str]
    seconds: dict[str, float]

    def save_motions(self, folder: Path) -> None:
        """Write `person-<id>.npz` for each person into a folder that exists.

        Raises:
            TcmrError: they cannot be written.
        """
        try:
            for motion in self.motions:
                motion.save(folder / f"person-{motion.person}.npz")
        except OSError as error:
            raise TcmrError(f"cannot write into {folder}: {error.strerror}") from error

    def save_summary(self, folder: Path) -> None:
        """Write `result.json` into a folder that exists: the sign that everything else is there.

        Raises:
            TcmrError: it cannot be written.
        """
        partial = folder / f"{RESULT_FILE}.partial"
        try:
            partial.write_text(json.dumps(self.summary(), indent=1) + "\n")
            os.replace(partial, folder / RESULT_FILE)
        except OSError as error:
            raise TcmrError(f"cannot write into {folder}: {error.strerror}") from error

    def summary(self) -> dict[str, Any]:
        """Return what `result.json` holds."""
        frames = len(self.timestamps_s)
        return {
            "video": str(self.clip.path),
            "frames": frames,
            "fps": self.clip.fps,
            "size": [self.clip.width, self.clip.height],
            "timestamps_s": [round(time, 6) for time in self.timestamps_s],
            "camera": {
                "focal_px": self.camera.focal_px,
                "center_px": list(self.camera.center_xy_px),
            },
            "persons": [person_summary(motion) for motion in self.motions],
            "dropped": [asdict(person) for person in self.dropped],
            "warnings": self.warnings,
            "weights": self.motions[0].weights if self.motions else None,
            "body": self.motions[0].body if self.motions else None,
            "versions": {name: version(name) for name in ("tcmr", "torch", "numpy", "av", "ai-edge-litert")},
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
        }


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
    return output / (path.name if path.is_dir() else path.stem)


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


def clear_folder(folder: Path) -> None:
    """Delete what an earlier run left, so that no file of it is taken for a new one; nothing else."""
    for pattern in (RESULT_FILE, OVERLAY_FILE, "person-*.npz"):
        for path in folder.glob(pattern):
            path.unlink()
