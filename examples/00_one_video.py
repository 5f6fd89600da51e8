"""Everybody in one video: python examples/00_one_video.py VIDEO [OUTPUT_FOLDER]."""

import sys

import numpy as np

import tcmr

video, *output = sys.argv[1:]
for motion in tcmr.run(video, output=output[0] if output else None):
    metres = np.linalg.norm(np.diff(motion.transl_m, axis=0), axis=1).sum()
    print(f"person {motion.person}: {len(motion)} frames, {metres:.1f} m in camera coordinates")
