"""Memory that is freed and needed again: kept where the allocator can be told so."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import torch
from tcmr.assets.fetch import fetch
from tcmr.features.blazepose_model import read_without_segmentation
from tcmr.train.allocation import keep_freed_memory
from tcmr.train.blazepose_network import BlazePoseNetwork

torch.set_num_threads(1)
if sys.argv[1] == "keep":
    keep_freed_memory()
network = BlazePoseNetwork(read_without_segmentation(fetch("blazepose-landmarks")), 17)


def step():
    network(torch.zeros(16, 3, 256, 256)).heatmaps.square().mean().backward()


step()
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(keep: str) -> int:
    """Return how many pages the system had to clear anew."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, keep], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_freed_memory_is_not_cleared_anew():
    assert faults("keep") < faults("give back") / 4
