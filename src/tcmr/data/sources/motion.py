"""Captured motion of any kind -> one motion file, as `tcmr synth` and `tcmr train` read it, or a store of poses."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tcmr.arrays import read_npz
from tcmr.body.model import BodyModel
from tcmr.data.released.convert import new_folder
from tcmr.data.sources import amass, retarget
from tcmr.data.sources.captured import Take
from tcmr.data.store import FeatureStore, StoreWriter
from tcmr.errors import TcmrError
from tcmr.files import written_whole
from tcmr.rotations import axis_angle_from_rotmat

Split = Literal["train", "val", "test"]
MOTION_FPS = 60.0
SHORTEST_S = 1.0
# Where nobody is named and there are at least so many subjects, about so many of a hundred are held out for each.
MANY_SUBJECTS, HELD_OUT_PERCENT = 10, 10
SUFFIXES = (".bvh", ".npz")


@dataclass(frozen=True)
class HeldOut:
    """Whose motion is not trained on: the subjects named.

    Where none is named, nobody of a few subjects, and of ten or more about a tenth for validation and a tenth for
    testing, chosen by a hash of the name: a subject stays where it is when others are added.
    """

    val: tuple[str, ...] = ()
    test: tuple[str, ...] = ()

    def splits(self, subjects: Collection[str]) -> dict[str, Split]:
        """Return the split of each subject.

        Raises:
            TcmrError: a subject that is named is not there.
        """
        if strangers := {*self.val, *self.test} - set(subjects):
            raise TcmrError(
                f"no subject named {', '.join(sorted(strangers))}; there are {', '.join(sorted(subjects))}"
            )
        few = len(set(subjects)) < MANY_SUBJECTS
        choose = self._named if self.val or self.test or few else _drawn
        return {subject: choose(subject) for subject in subjects}

    def _named(self, subject: str) -> Split:
        return "val" if subject in self.val else "test" if subject in self.test else "train"


def _drawn(subject: str) -> Split:
    share = int(hashlib.sha256(subject.encode()).hexdigest(), 16) % 100
    return "val" if share < HELD_OUT_PERCENT else "test" if share < 2 * HELD_OUT_PERCENT else "train"


def motion_files(source: Path) -> list[Path]:
    """Return the files of captured motion: the one given, or all .bvh and .npz below a folder, in order.

    Raises:
        TcmrError: there is none.
    """
    if source.is_file() and source.suffix.lower() in SUFFIXES:
        return [source]
    files = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not files:
        raise TcmrError(f"{source}: no captured motion; it must be a .bvh or .npz file or a folder with some")
    return files


def read_takes(source: Path, smpl: BodyModel | None = None) -> Iterator[Take]:
    """Read captured motion, a file after the other; AMASS's files of shapes are left out.

    A take's subject is the folder that its file lies in, or for a file directly in `source` its name up to the
    last underscore ("02" of 02_01.bvh). `smpl` places AMASS's bodies (see `amass.read_take`).

    Raises:
        TcmrError: there is no such file, or one of them cannot be used; the message names it.
    """
    for path in motion_files(source):
        inside = path.relative_to(source).with_suffix("") if path != source else Path(path.stem)
        subject = (
            inside.parent.as_posix() if inside.parent.parts else inside.name.rpartition("_")[0] or inside.name
        )
        if path.suffix.lower() == ".bvh":
            yield retarget.read_take(path, inside.as_posix(), subject)
        elif amass.is_motion(path):
            yield amass.read_take(path, inside.as_posix(), subject, smpl)
        elif path == source:
            raise TcmrError(f"{path} holds no motion: it has no poses and trans, as AMASS's files have")


@dataclass(frozen=True)
class MotionSummary:
    """What was written: segments and minutes of each split."""

    segments: dict[str, int]
    minutes: dict[str, float]

    def __str__(self) -> str:
        return ", ".join(
            f"{split} {self.segments[split]} ({self.minutes[split]:.1f} min)" for split in self.segments
        )


def write_motion_file(
    path: Path, takes: Iterator[Take], held_out: HeldOut, origin: str = ""
) -> MotionSummary:
    """Write a motion file (keys in docs/training.md), 60 frames a second, whole or not at all.

    Takes are cut where they jump; what is shorter than a second is left out. All is kept in memory: 2.6 GB for
    40 hours. `origin` is what the file was made of.

    Raises:
        TcmrError: nothing is left, or a subject that is to be held out is not there.
    """
    pieces: list[Take] = []
    subjects: set[str] = set()
    for take in takes:
        subjects.add(take.subject)
        pieces += [piece.at_rate(MOTION_FPS) for piece in take.pieces(SHORTEST_S)]
    split_of = held_out.splits(subjects)
    if not pieces:
        raise TcmrError(f"no take of the captured motion has {SHORTEST_S:.0f} s without a jump")
    lengths = np.array([len(piece) for piece in pieces])
    splits = [split_of[piece.subject] for piece in pieces]
    with written_whole(path) as file:
        np.savez(
            file,
            allow_pickle=False,
            pose=np.concatenate([axis_angle_from_rotmat(piece.rotmat).numpy() for piece in pieces]),
            pelvis=np.concatenate([piece.pelvis_m for piece in pieces]),
            start=np.concatenate([[0], np.cumsum(lengths)[:-1]]),
            length=lengths,
            leg_length=np.array([piece.leg_m for piece in pieces], np.float32),
            split=np.array(splits),
            name=np.array([piece.name for piece in pieces]),
            subject=np.array([piece.subject for piece in pieces]),
            fps=np.float32(MOTION_FPS),
            origin=np.array(origin),
        )
    minutes: Counter[str] = Counter()
    for split, length in zip(splits, lengths.tolist(), strict=True):
        minutes[split] += length / MOTION_FPS / 60
    return MotionSummary(dict(Counter(splits)), dict(minutes))


def write_pose_store(path: Path, takes: Iterator[Take], fps: float) -> FeatureStore:
    """Write a store that has poses alone, whole or not at all: what a motion discriminator learns from.

    Raises:
        TcmrError: `path` exists or cannot be written.
    """
    try:
        with new_folder(path) as folder:
            writer = StoreWriter(folder, path.name, ("pose",))
            for take in takes:
                for piece in take.pieces(SHORTEST_S):
                    poses = axis_angle_from_rotmat(piece.at_rate(fps).rotmat).flatten(1).numpy()
                    writer.add(np.arange(len(poses)), pose=poses)
            writer.close()
    except OSError as error:
        raise TcmrError(f"cannot write {path}: {error}") from error
    return FeatureStore.open(path)


def as_motion_file(source: Path, made: Path, report: Callable[[str], None] = print) -> Path:
    """Return a motion file: `source` if it is one, else `made`, which is written if it is not there yet.

    Raises:
        TcmrError: see `read_takes` and `write_motion_file`.
    """
    if source.is_file() and source.suffix == ".npz" and not amass.is_motion(source):
        return source
    origin = _fingerprint(source)
    if _origin(made) != origin:
        made.parent.mkdir(parents=True, exist_ok=True)
        report(f"{made}: {write_motion_file(made, read_takes(source), HeldOut(), origin)}")
    return made


def _fingerprint(source: Path) -> str:
    """Tell the files of a source and their sizes in one word."""
    told = "\n".join(f"{path} {path.stat().st_size}" for path in motion_files(source))
    return hashlib.sha256(told.encode()).hexdigest()


def _origin(path: Path) -> str | None:
    """Return what a motion file was made of."""
    try:
        return str(read_npz(path, {"origin"}.__contains__)["origin"])
    except (OSError, ValueError, KeyError):
        return None
