"""Outside files: which exist, under which licence, where they come from; fetching, checking, explaining."""

from tcmr.assets.add import add
from tcmr.assets.asset import Asset, Track, UserFile, WheelMember
from tcmr.assets.cache import cache_folder
from tcmr.assets.fetch import fetch
from tcmr.assets.listing import Status, print_status, status
from tcmr.assets.table import ASSETS, asset_named

__all__ = [
    "ASSETS",
    "Asset",
    "Status",
    "Track",
    "UserFile",
    "WheelMember",
    "add",
    "asset_named",
    "cache_folder",
    "fetch",
    "print_status",
    "status",
]
