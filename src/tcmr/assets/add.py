"""Files that the user has: recognised, checked, and copied to where the package looks for them."""

import zipfile
from pathlib import Path

from tcmr.assets.asset import Asset, UserFile, WheelMember
from tcmr.assets.cache import cache_folder, make_cache_folder, store
from tcmr.assets.check import check
from tcmr.assets.table import ASSETS
from tcmr.assets.wheel import store_members
from tcmr.errors import TcmrError
from tcmr.files import file_sha256


def add(path: Path, *, cache: Path | None = None) -> list[str]:
    """Copy a file into the cache and return the names of the assets that it was, or that it held.

    Known files, and wheels that hold them, are recognised by content. Files that only the user can have are
    recognised by name and checked for what they must hold, without unpickling anything.

    Raises:
        TcmrError: there is no such file, it is none that the package uses, or it is damaged.
    """
    if not path.is_file():
        raise TcmrError(f"{path}: there is no such file")
    folder = make_cache_folder(cache_folder(cache))
    added = _add_known(path, folder) or _add_users(path, folder) or _add_wheel(path, folder)
    if not added:
        accepted = ", ".join(_accepted_names())
        raise TcmrError(
            f"{path}: is none of the outside files; accepted are the files and wheels that "
            f"`tcmr assets list` names, whatever their own names, and by name: {accepted}"
        )
    return [asset.name for asset in added]


def _add_known(path: Path, folder: Path) -> list[Asset]:
    size = path.stat().st_size
    for asset in ASSETS:
        source = asset.source
        if isinstance(source, WheelMember) and source.size == size and source.sha256 == file_sha256(path):
            store(path, folder / asset.file_names[0])
            return [asset]
    return []


def _add_users(path: Path, folder: Path) -> list[Asset]:
    for asset in ASSETS:
        source = asset.source
        if isinstance(source, UserFile) and path.name in (*asset.file_names, *source.aliases):
            check(path, source)
            stored_name = next(name for name in asset.file_names if Path(name).suffix == path.suffix)
            store(path, folder / stored_name)
            return [asset]
    return []


def _add_wheel(path: Path, folder: Path) -> list[Asset]:
    return store_members(path, folder) if zipfile.is_zipfile(path) else []


def _accepted_names() -> list[str]:
    users = [(asset, asset.source) for asset in ASSETS if isinstance(asset.source, UserFile)]
    return [name for asset, source in users for name in (*asset.file_names, *source.aliases)]
