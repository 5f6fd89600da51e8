"""What a measurement was made on, and what the process holds."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
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


def status_kb(name: str) -> int:
    """Return a number of the process' own status, as "VmRSS" (Linux only)."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])
