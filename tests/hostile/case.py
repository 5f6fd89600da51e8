"""One hostile input: files by name, or what stands in a file's place."""

import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path


class Special(Enum):
    """What is no file, but can be named like one."""

    MISSING = "missing"
    FOLDER = "folder"
    PIPE = "named pipe"
    ENDLESS = "link to /dev/zero"
    LOOP = "link to itself"


Files = Mapping[str, bytes | Special]


def put(files: Files, folder: Path) -> None:
    """Make the files of a case in an empty folder; their names are relative to it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            _MAKE[content](path)


_MAKE = {
    Special.MISSING: lambda path: None,
    Special.FOLDER: Path.mkdir,
    Special.PIPE: os.mkfifo,
    Special.ENDLESS: lambda path: path.symlink_to("/dev/zero"),
    Special.LOOP: lambda path: path.symlink_to(path.name),
}
