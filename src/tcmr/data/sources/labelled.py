"""People of a clip with their labels, whatever database they are from, and a feature store made of them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import numpy as np
from jaxtyping import Float, Float32, Int64

from tcmr.arrays import read_npy
from tcmr.data.released.convert import new_folder
from tcmr.data.store import FeatureStore, StoreWriter
from tcmr.errors import TcmrError
from tcmr.files import written_whole

Array = np.ndarray


@dataclass(frozen=True)
class LabelledPerson:
    """One person's labelled frames of a clip.

    `squares_xyxy_px` is what is cut out of each frame; `fields` are those of a feature store (see `store.py`), all
    but the static features.
    """

    name: str
    frames: Int64[Array, " frames"]
    squares_xyxy_px: Float32[Array, "frames 4"]
    fields: Mapping[str, Array]


@dataclass(frozen=True)
class LabelledClip:
    """A clip (video or folder of images) and the people in it whose labels are known."""

    name: str
    pictures: Path
    people: tuple[LabelledPerson, ...]


# What gives the people of a clip their static features, frame by frame.
Describe = Callable[[LabelledClip], Sequence[Float32[Array, "frames size"]]]


def squares(
    centers_px: Float[Array, "frames 2"], sides_px: Float[Array, " frames"]
) -> Float32[Array, "frames 4"]:
    """Return squares about points: x1, y1, x2, y2."""
    half = sides_px[:, None] / 2
    return np.concatenate([centers_px - half, centers_px + half], 1).astype(np.float32)


def write_store(
    output: Path,
    clips: Iterable[LabelledClip],
    database: str | None = None,
    describe: Describe | None = None,
    features: str = "",
) -> FeatureStore:
    """Write the people of clips as a feature store; without `describe` it has labels alone.

    The features of each clip are kept in a folder beside the store until it is finished, so that a run that was
    stopped goes on. `features` tells how they are made: those made otherwise are not taken.

    Raises:
        TcmrError: a name comes twice, a label is missing or not finite, nobody is left, or `output` exists.
    """
    kept = output.with_name(f".{output.name}-{hashlib.sha256(features.encode()).hexdigest()[:8]}")
    if describe is not None and not output.exists():
        kept.mkdir(parents=True, exist_ok=True)
        describe = Remembered(describe, kept)
    try:
        with new_folder(output) as folder:
            _write(folder, output.name, _distinct(clips), database, describe)
    except OSError as error:
        raise TcmrError(f"cannot write {output}: {error}") from error
    rmtree(kept, ignore_errors=True)
    return FeatureStore.open(output)


@dataclass(frozen=True)
class Remembered:
    """Features that are made once for each clip and kept in a folder."""

    describe: Describe
    folder: Path

    def __call__(self, clip: LabelledClip) -> list[Float32[Array, "frames size"]]:
        """Return the features of a clip's people."""
        path = self.folder / f"{hashlib.sha256(clip.name.encode()).hexdigest()}.npy"
        lengths = [len(person.frames) for person in clip.people]
        if not path.exists():
            described = np.concatenate(list(self.describe(clip)))
            with written_whole(path) as file:
                np.save(file, described)
        try:
            kept = read_npy(path)
        except (OSError, ValueError) as error:
            raise TcmrError(f"{path}: {error}; remove it, and the features are made anew") from error
        if kept.ndim != 2 or kept.dtype != np.float32 or len(kept) != sum(lengths):
            raise TcmrError(f"{path} holds other features than this clip's: remove it")
        return np.split(kept, np.cumsum(lengths)[:-1])


def _distinct(clips: Iterable[LabelledClip]) -> Iterator[LabelledClip]:
    """Yield clips that have people in them; no name may come twice."""
    seen: set[str] = set()
    for clip in clips:
        for name in {clip.name, *(person.name for person in clip.people)}:
            if name in seen:
                raise TcmrError(f"the name {name} comes twice: the same frames would be learned twice over")
            seen.add(name)
        if clip.people:
            yield clip


def _write(
    folder: Path, name: str, clips: Iterator[LabelledClip], database: str | None, describe: Describe | None
) -> None:
    writer: StoreWriter | None = None
    for clip in clips:
        described = describe(clip) if describe else [None] * len(clip.people)
        for person, static in zip(clip.people, described, strict=True):
            fields = dict(person.fields) if static is None else {**person.fields, "static": static}
            if writer is None:
                size = 0 if static is None else static.shape[1]
                writer = StoreWriter(folder, name, tuple(fields), size, database)
            try:
                writer.add(person.frames, split_at_gaps=True, **fields)
            except ValueError as error:
                raise TcmrError(f"{person.name} of {clip.pictures}: {error}") from error
    if writer is None:
        raise TcmrError(f"nobody is labelled in any frame that could be used: {name} would be empty")
    writer.close()
