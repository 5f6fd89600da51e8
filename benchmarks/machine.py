"""What a measurement was made on."""

import os
import platform
from importlib.metadata import version
from typing import Any


def machine() -> dict[str, Any]:
    """Return processor, load and versions, for a line of JSON."""
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "load": [round(load, 1) for load in os.getloadavg()],
        "versions": {name: version(name) for name in ("tcmr", "torch", "numpy", "av", "ai-edge-litert")},
    }
