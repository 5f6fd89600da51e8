"""Motions that a run left: all of a result folder's, or one file's."""

import re
from dataclasses import dataclass
from pathlib import Path

from tcmr.errors import TcmrError, damaged_result
from tcmr.export.bounds import check_bounds
from tcmr.files import read_json
from tcmr.result import RESULT_FILE
from tcmr.types import Motion

PERSON_FILE = re.compile(r"person-\d+\.npz")


@dataclass(frozen=True)
class Saved:
    """The motions of one result, and the files that they were read from."""

    name: str
    motions: list[Motion]
    files: list[Path]
    one_file: bool

    @staticmethod
    def open(path: Path) -> "Saved":
        """Read a result folder of `tcmr run`, or a motion file.

        Raises:
            TcmrError: it is neither, or nobody was found in the video.
        """
        if not path.exists():
            raise TcmrError(
                f"{path} does not exist; give a result folder of `tcmr run`, or a person-<id>.npz"
            )
        files = _files_of(path) if path.is_dir() else [path]
        if not files:
            raise TcmrError(f"{path} holds no person: nobody was found in the video")
        name = path.resolve().name if path.is_dir() else path.stem
        motions = [_load(file) for file in files]
        if len({motion.person for motion in motions}) < len(motions):
            raise damaged_result(path, "two of its files are of the same person")
        return Saved(name, motions, files, one_file=path.is_file())


def _load(file: Path) -> Motion:
    motion = Motion.load(file)
    try:
        check_bounds(motion)
    except ValueError as error:
        raise damaged_result(file, error) from error
    return motion


def _files_of(folder: Path) -> list[Path]:
    try:
        summary = read_json(folder / RESULT_FILE)
        names = [person["file"] for person in summary["persons"]]
        strange = [name for name in names if not PERSON_FILE.fullmatch(name)]
        if strange:
            raise ValueError(f"{strange[0]!r:.80} is no motion file of a result")
        if len(set(names)) < len(names):
            raise ValueError("a person's file is named twice")
        return [folder / name for name in names]
    except FileNotFoundError as error:
        raise TcmrError(
            f"{folder} is not a result folder of `tcmr run`: it holds no {RESULT_FILE}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged_result(folder / RESULT_FILE, error) from error
