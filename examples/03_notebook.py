"""Knees and ways of the people in a result: python examples/03_notebook.py RESULT_FOLDER [PICTURE].

A notebook as a script: Jupyter (by way of jupytext), VS Code and Spyder know the cells by `# %%`.
"""

# %% Read everybody and put them on the ground: y is down, the floor at 0
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import tcmr

result, *picture = sys.argv[1:]
motions = [tcmr.Motion.load(file) for file in sorted(Path(result).glob("person-*.npz"))]
placed = tcmr.place(motions, "ground")
print(*placed.reports, sep="\n")

# %% How far the knees are bent, and where the pelvis goes
figure = Figure(figsize=(7, 3), layout="constrained")
angles, ways = figure.subplots(1, 2)
for motion in placed.motions:
    time_s = motion.frames / motion.fps
    bent = tcmr.joint_angles_deg(motion)
    for side, style in (("left", "-"), ("right", "--")):
        knee = bent[f"{side}_knee_flexion"]
        angles.plot(time_s, knee, style, label=f"person {motion.person}, {side}")
    ways.plot(motion.transl_m[:, 0], motion.transl_m[:, 2], label=f"person {motion.person}")
angles.set(xlabel="time (s)", ylabel="knee bent (degrees)")
ways.set(xlabel="to the right (m)", ylabel="away from the camera (m)", aspect="equal")
for axes in (angles, ways):
    axes.legend(fontsize="small")
figure.savefig(picture[0] if picture else "knees.png", dpi=150)

# %% Joints in metres as a table: a row for each frame, x, y, z of each joint
motion = placed.motions[0]
joints_m = motion.joints_m + motion.transl_m[:, None]
print(f"person {motion.person}: left ankle at {np.round(joints_m[0, tcmr.SMPL_24.index('left_ankle')], 2)} m")
