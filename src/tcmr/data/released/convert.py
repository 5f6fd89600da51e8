"""A released database becomes a feature store: the whole store or nothing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tcmr.data.released.database import Database
from tcmr.data.released.kinds import FEATURE_SIZE, KINDS, KindName
from tcmr.data.store import FeatureStore, StoreWriter
from tcmr.errors import TcmrError
from tcmr.stages import Stages


@dataclass(frozen=True)
class Converted:
    """A store that was written; `without_box` counts the frames whose keypoints do not count for want of a box."""

    store: FeatureStore
    videos: int
    without_box: int


def convert_database(
    source: Path,
    kind: KindName,
    output: Path,
    only: str | None = None,
    without: str | None = None,
    stages: Stages | None = None,
) -> Converted:
    """Write a released database as a feature store, one video in memory at a time.

    `only` and `without` are regular expressions that choose videos by name.

    Raises:
        TcmrError: the file is not the database that it should be, or `output` exists or cannot be written.
    """
    try:
        with new_folder(output) as folder, KINDS[kind].open(source, folder.parent) as arrays:
            database = Database.of(source, kind, arrays)
            videos = database.selected(only, without)
            writer = StoreWriter(folder, output.name, database.fields, FEATURE_SIZE, kind)
            without_box = 0
            for video in (stages or Stages()).progress("converting", videos, len(videos), unit="videos"):
                try:
                    writer.add(database.frames(video), split_at_gaps=True, **database.read(video))
                except ValueError as error:  # numbers too large for a store's
                    raise TcmrError(f"{source}: video {video.name}: {error}") from error
                without_box += database.without_box(video)
            writer.close()
    except OSError as error:
        raise TcmrError(f"cannot convert {source} to {output}: {error}") from error
    return Converted(FeatureStore.open(output), len(videos), without_box)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `path` when all went well, and leaves no trace otherwise.

    Raises:
        TcmrError: there is something at `path` already.
        OSError: it cannot be written.
    """
    if path.exists():
        raise TcmrError(f"{path} exists already; remove it, or choose another place")
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(
        prefix=f".{path.name}-", dir=path.parent, ignore_cleanup_errors=True
    ) as unfinished:
        inner = Path(unfinished) / "store"
        inner.mkdir()
        yield inner
        os.replace(inner, path)
