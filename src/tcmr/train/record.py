"""What a run must remember to be repeated: configuration, versions, revision."""

import json
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tcmr.errors import TcmrError
from tcmr.files import read_json
from tcmr.train.settings import plain_settings

PACKAGES = ("tcmr", "torch", "numpy")
REMEDY = "delete it to have it written anew, or take another folder with --run"


@runtime_checkable
class Recorded(Protocol):
    """A configuration of any kind of run."""

    @property
    def run(self) -> Path:
        """Return the run's folder."""


def write_record(config: Recorded, packages: Sequence[str] = PACKAGES, **more: Any) -> dict[str, Any]:
    """Write and return a run's record; that of a run that is resumed stays as it is.

    Raises:
        TcmrError: there is one that cannot be read.
    """
    path = config.run / "record.json"
    if path.exists() or path.is_symlink():
        return read_record(path)
    record = {
        "config": plain_settings(config),
        "revision": revision(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
    } | more
    path.write_text(json.dumps(record, indent=1) + "\n")
    return record


def read_record(path: Path) -> dict[str, Any]:
    """Return the record of a run.

    Raises:
        TcmrError: it is damaged.
    """
    try:
        record = read_json(path)
    except (OSError, ValueError) as error:
        raise TcmrError(f"cannot read {path}: {error}; {REMEDY}") from error
    if not isinstance(record, dict) or not isinstance(record.get("config"), dict):
        raise TcmrError(f"{path} is no record of a run; {REMEDY}")
    return record


def revision() -> str:
    """Return the git revision of the source, or "unknown" outside a checkout."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or "unknown"
