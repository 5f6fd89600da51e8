"""What a video is known by: its content, not its name."""

import hashlib
import json
from collections.abc import Callable
from pathlib import PurePosixPath

from tcmr.batch.place import Place
from tcmr.errors import TcmrError
from tcmr.video.images import IMAGE_SUFFIXES


def content_sha256(place: Place) -> str | None:
    """Return the SHA-256 of a file, or of the names and contents of a folder of images; None if unreadable."""
    return _of_all(place, _file_sha256)


def stamp(place: Place) -> str | None:
    """Return what shows, without reading it, that a file or folder has not changed; None if unreadable."""
    return _of_all(place, lambda file: file.stamp())


def digest(value: object) -> str:
    """Return 16 hexadecimal digits that stand for a value of JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _of_all(place: Place, of_file: Callable[[Place], str]) -> str | None:
    try:
        if not place.is_folder():
            return of_file(place)
        images = (file for file in place.files() if PurePosixPath(file.name).suffix.lower() in IMAGE_SUFFIXES)
        return digest(sorted((file.name.removeprefix(place.name), of_file(file)) for file in images))
    except (OSError, TcmrError):
        return None


def _file_sha256(place: Place) -> str:
    whole = hashlib.sha256()
    for piece in place.pieces():
        whole.update(piece)
    return whole.hexdigest()
