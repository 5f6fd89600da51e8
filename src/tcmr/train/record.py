"""What a run must remember to be repeated: configuration, versions, revision."""

import json
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tcmr.train.config import TrainConfig


def write_record(config: TrainConfig) -> dict[str, Any]:
    """Write and return a run's record; the first line of a run that is resumed stays."""
    path = config.run / "record.json"
    if path.exists():
        return json.loads(path.read_text())
    record = {
        "config": config.as_plain(),
        "revision": revision(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("tcmr", "torch", "numpy")},
    }
    path.write_text(json.dumps(record, indent=1) + "\n")
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
