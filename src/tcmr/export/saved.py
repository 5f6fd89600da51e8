"""Motions that a run left: all of a result folder's, or one file's."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from tcmr.errors import TcmrError, damaged_result
from tcmr.export.bounds import check_bounds
from tcmr.files import read_json
from tcmr.result import RESULT_FILE
from tcmr.types import Motion

PERSON_FILE = re.compile(r"person-\d+\.npz")


class NoPersons(TcmrError):
    """A result in which there is nobody."""


@dataclass(frozen=True)
class Saved:
    """The motions of one result, and the files that they were read from.

    `timestamps_s` are the times of the video's frames, `unexplained` and `blind` say how well it is known how the
    camera turned (`CameraMovement`): a motion file by itself does not tell them.
    """

    name: str
    motions: list[Motion]
    files: list[Path]
    one_file: bool
    timestamps_s: Float[np.ndarray, " frames"]
    unexplained: float = 0.0
    blind: float = 0.0

    @staticmethod
    def open(path: Path) -> "Saved":
        """Read a result folder of `tcmr run`, or a motion file.

        Raises:
            NoPersons: nobody was found in the video.
            TcmrError: it is neither.
        """
        if not path.exists():
            raise TcmrError(
                f"{path} does not exist; give a result folder of `tcmr run`, or a person-<id>.npz"
            )
        files, times_s, *doubts = _told_by(path) if path.is_dir() else ([path], np.empty(0))
        if not files:
            raise NoPersons(f"{path} holds no person: nobody was found in the video")
        name = path.resolve().name if path.is_dir() else path.stem
        motions = [_load(file) for file in files]
        if len({motion.person for motion in motions}) < len(motions):
            raise damaged_result(path, "two of its files are of the same person")
        return Saved(name, motions, files, path.is_file(), times_s, *doubts)

    @property
    def unevenness_s(self) -> float:
        """How far the frames' times depart from even spacing at the mean rate, in seconds."""
        times_s = self.timestamps_s - self.timestamps_s[:1]
        return float(np.abs(times_s - np.arange(len(times_s)) / self.motions[0].fps).max(initial=0))


def _load(file: Path) -> Motion:
    motion = Motion.load(file)
    try:
        check_bounds(motion)
    except ValueError as error:
        raise damaged_result(file, error) from error
    return motion


def _told_by(folder: Path) -> tuple[list[Path], Float[np.ndarray, " frames"], float, float]:
    """Return the persons' files, the frames' times, and what makes doubtful how the camera turned."""
    try:
        summary = read_json(folder / RESULT_FILE)
        names = [person["file"] for person in summary["persons"]]
        strange = [name for name in names if not PERSON_FILE.fullmatch(name)]
        if strange:
            raise ValueError(f"{strange[0]!r:.80} is no motion file of a result")
        if len(set(names)) < len(names):
            raise ValueError("a person's file is named twice")
        times_s = np.array(summary.get("timestamps_s", []), float)
        if times_s.ndim != 1 or not np.isfinite(times_s).all():
            raise ValueError("its 'timestamps_s' cannot be times")
        camera = summary.get("camera", {})
        unexplained, blind = (float(camera.get(name, 0)) for name in ("unexplained", "blind"))
        return [folder / name for name in names], times_s, unexplained, blind
    except FileNotFoundError as error:
        raise TcmrError(
            f"{folder} is not a result folder of `tcmr run`: it holds no {RESULT_FILE}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise damaged_result(folder / RESULT_FILE, error) from error
