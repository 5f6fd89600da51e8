"""The folder where outside files are kept: stored whole or not at all, and verified.

A file is hashed at its first use and again when its size or modification time has changed. What was verified
is remembered beside it, so that a start costs one `stat` a file.
"""

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import platformdirs

from tcmr.assets.asset import Asset, WheelMember
from tcmr.errors import TcmrError
from tcmr.files import file_sha256, read_json


def cache_folder(cache: Path | None = None) -> Path:
    """Return the folder of outside files: `cache`, else the variable TCMR_CACHE, else the user's cache."""
    if cache is not None:
        return cache
    return Path(os.environ.get("TCMR_CACHE") or platformdirs.user_cache_dir("tcmr", appauthor=False))


def make_cache_folder(folder: Path) -> Path:
    """Return the folder, made where it was missing.

    Raises:
        TcmrError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TcmrError(
            f"{folder}: cannot keep outside files there ({error.strerror}); name another folder in TCMR_CACHE"
        ) from error
    return folder


def find(asset: Asset, folder: Path) -> Path | None:
    """Return where the asset is, or None where it is missing or not what the table says."""
    paths = (folder / name for name in asset.file_names)
    return next((path for path in paths if path.is_file() and is_verified(asset, path)), None)


def is_verified(asset: Asset, path: Path) -> bool:
    """Return whether the file has the asset's hash; a file of the user's has none to compare with."""
    if not isinstance(asset.source, WheelMember):
        return True
    stamp = _stamp(path, asset.source.sha256)
    if stamp == _remembered(path):
        return True
    if path.stat().st_size != asset.source.size or file_sha256(path) != asset.source.sha256:
        return False
    _remember(path, stamp)
    return True


def store(content: bytes | Path, path: Path) -> Path:
    """Put bytes, or a copy of a file, under `path`: whole, or an error and nothing.

    Raises:
        TcmrError: the folder cannot be written.
    """
    make_cache_folder(path.parent)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".storing-") as folder:
            part = Path(folder) / path.name
            if isinstance(content, Path):
                shutil.copyfile(content, part)
            else:
                part.write_bytes(content)
            os.replace(part, path)
    except OSError as error:
        raise TcmrError(f"{path}: cannot be written ({error.strerror or error})") from error
    return path


def _record(path: Path) -> Path:
    return path.with_name(f".{path.name}.verified.json")


def _stamp(path: Path, sha256: str) -> dict[str, int | str]:
    stat = path.stat()
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": sha256}


def _remembered(path: Path) -> object:
    try:
        return read_json(_record(path))
    except (OSError, ValueError):
        return None


def _remember(path: Path, stamp: dict[str, int | str]) -> None:
    # In a folder that can only be read, the file is hashed again at the next start.
    with contextlib.suppress(TcmrError):
        store(json.dumps(stamp).encode(), _record(path))
