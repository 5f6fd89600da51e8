"""What a measurement was made on."""

import os
import platform
from importlib.metadata import version
from typing import Any


def machine(*packages: str) -> dict[str, Any]:
    """Return processor, load and versions (of some packages more), for a line of JSON."""
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "load": [round(load, 1) for load in os.getloadavg()],
        "python": platform.python_version(),
        "versions": {
            name: version(name) for name in ("tcmr", "torch", "numpy", "av", "ai-edge-litert", *packages)
        },
    }
