"""Blender itself imports what we write."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tcmr.export import export_motions
from tcmr.joints import SMPL_24


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("blender") is None, reason="needs blender (and python3-numpy where Debian's)"
)
@pytest.mark.parametrize("suffix", ["glb", "bvh"])
def test_blender_puts_every_joint_where_ours_is(suffix, motion, seen_rows, expected, tmp_path):
    path = tmp_path / f"motion.{suffix}"
    export_motions(motion, path)
    script = Path(__file__).with_name("blender_joints.py")
    first, last = motion.frames[[0, -1]]
    command = ["blender", "--background", "--python", script, "--", path, int(motion.fps), first, last]
    said = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout
    frames = json.loads(
        next(line for line in said.splitlines() if line.startswith("JOINTS"))[len("JOINTS") :]
    )
    found_m = np.array([[frame[name] for name in SMPL_24] for frame in frames])
    assert np.linalg.norm(found_m[seen_rows] - expected(motion), axis=-1).max() < 1e-3
