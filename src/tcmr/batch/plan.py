"""The plan: each content once, in order, each with a folder of its own that stays its own."""

import os
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from tcmr.batch.choices import named_files, with_choices
from tcmr.batch.events import Done, Planned
from tcmr.batch.fingerprint import content_sha256, digest, stamp
from tcmr.batch.local_place import LocalPlace
from tcmr.batch.manifest import Manifest
from tcmr.batch.place import Place
from tcmr.batch.sources import BatchSource
from tcmr.options import Options
from tcmr.result import safe_name


def plan(
    sources: Iterable[BatchSource],
    options: Options,
    draw: bool,
    manifest: Manifest,
    exists: Callable[[str], bool],
) -> list[Planned]:
    """Return what is to be done, one entry for each source; those that are done together have one id.

    The same content with the same options is the same work, wherever it lies. What an earlier plan said of
    folders stays; a new one is named after the video, with the id where that name is taken: by other
    work, or by something that `exists` in the output folder.
    """
    made_with = _made_with(options, draw)
    entries: list[Planned] = []
    for source in sources:
        seal, sha256 = _hashed(source.place, manifest)
        chosen = asdict(with_choices(options, source.choices)) | made_with
        id = digest([sha256 or source.place.name, chosen])
        entries.append(Planned(id, source.place.name, "", sha256, seal, source.choices))
    folders = _Folders(manifest, {entry.id for entry in entries}, exists)
    return [
        Planned(entry.id, entry.video, folders.of(entry), entry.sha256, entry.stamp, entry.choices)
        for entry in entries
    ]


def _made_with(options: Options, draw: bool) -> dict[str, Any]:
    """Return what else the result depends on: files by their content, and not the device."""
    contents = {
        name: content_sha256(LocalPlace.of(path)) if path.is_file() else os.path.abspath(path)
        for name, path in named_files(options).items()
    }
    return {**contents, "device": None, "overlay": draw}


def _hashed(place: Place, manifest: Manifest) -> tuple[str | None, str | None]:
    """Return stamp and hash of a video, which is only read where its stamp has changed."""
    seal = stamp(place)
    known_seal, known_sha256 = manifest.hashes.get(place.name, (None, None))
    if seal is not None and seal == known_seal and known_sha256 is not None:
        return seal, known_sha256
    return seal, content_sha256(place)


class _Folders:
    """Gives each id a folder that no other has."""

    def __init__(self, manifest: Manifest, ids: set[str], exists: Callable[[str], bool]):
        self._exists = exists
        # The folder of work that was never finished and is no longer wanted may be another's.
        self._owner = {
            folder: id
            for folder, id in manifest.owner.items()
            if id in ids or isinstance(manifest.last.get(id), Done)
        }
        self._folder = {
            id: folder for id, folder in manifest.folder.items() if self._owner.get(folder.casefold()) == id
        }

    def of(self, entry: Planned) -> str:
        if entry.id not in self._folder:
            name = _name_of(entry.video)
            names = (name, f"{name}-{entry.id[:8]}", f"{name}-{entry.id}")
            folder = next(name for name in names if self._is_free(name))
            self._folder[entry.id] = folder
            self._owner[folder.casefold()] = entry.id
        return self._folder[entry.id]

    def _is_free(self, name: str) -> bool:
        return name.casefold() not in self._owner and not self._exists(name)


def _name_of(video: str) -> str:
    """Return a folder's name after a video's.

    >>> _name_of("/videos/a walk.mp4"), _name_of("s3://bucket/...mp4")
    ('a walk', 'video')
    """
    return safe_name(Path(video).name if os.path.isdir(video) else PurePosixPath(video).stem)
