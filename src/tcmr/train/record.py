"""What a run must remember to be repeated: configuration, versions, revision."""

import json
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tcmr.errors import TcmrError
from tcmr.files import read_json, written_whole
from tcmr.train.settings import plain_settings

PACKAGES = ("tcmr", "torch", "numpy")
REMEDY = "delete it to have it written anew, or take another folder with --run"
# What may differ between a run and its continuation: how it is carried out, where its files are; and how long it is,
# which may only grow.
MAY_CHANGE = {"run", "data", "motion", "rendered", "devices", "device", "threads"}
MAY_CHANGE |= {"checkpoint_every", "validate_every", "log_every"}
MAY_GROW = {"steps", "epochs"}


@runtime_checkable
class Recorded(Protocol):
    """A configuration of any kind of run."""

    @property
    def run(self) -> Path:
        """Return the run's folder."""


def write_record(config: Recorded, packages: Sequence[str] = PACKAGES, **more: Any) -> dict[str, Any]:
    """Write and return a run's record; of a run that is resumed, that of its beginning with the settings of now.

    Raises:
        TcmrError: there is one that cannot be read, or that of a run with other settings.
    """
    path, settings = config.run / "record.json", plain_settings(config)
    if path.exists() or path.is_symlink():
        record = read_record(path)
        _require_same_run(record["config"], settings, config.run)
        record["config"] |= settings
    else:
        record = {
            "config": settings,
            "revision": revision(),
            "python": platform.python_version(),
            "versions": {name: version(name) for name in packages},
        } | more
    with written_whole(path) as file:
        file.write((json.dumps(record, indent=1) + "\n").encode())
    return record


def _require_same_run(then: dict[str, Any], now: dict[str, Any], run: Path) -> None:
    """Refuse to go on with another run's folder. A setting that was not there yet was as it is."""
    shared = then.keys() & now.keys() - MAY_CHANGE
    differing = [
        name
        for name in shared
        if then[name] != now[name]
        and not (name in MAY_GROW and isinstance(then[name], int) and then[name] < now[name])
    ]
    if differing:
        raise TcmrError(
            f"{run} holds a run with another {', '.join(sorted(differing))}; "
            "give this one a folder of its own with --run"
        )


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
