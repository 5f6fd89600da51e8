import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import tcmr
from tcmr.export.joint_angles import POINTS, angles_between, angles_of
from tcmr.joints import SMPL_24

# Somebody who stands straight with hanging arms and feet that point forward: y up, facing +z, left at +x.
STANDING = {
    "pelvis": (0, 1, 0), "neck": (0, 1.5, 0),
    "left_hip": (0.1, 1, 0), "left_knee": (0.1, 0.5, 0), "left_ankle": (0.1, 0.1, 0),
    "left_heel": (0.1, 0, -0.05), "left_big_toe": (0.1, 0, 0.2),
    "left_shoulder": (0.2, 1.4, 0), "left_elbow": (0.2, 1.1, 0), "left_wrist": (0.2, 0.8, 0),
}  # fmt: skip
LEG = ("hip", "knee", "ankle")
UNTURNED = np.eye(3)
MIRROR = np.array([-1.0, 1, 1])


def stick_figure(**moved: tuple[float, float, float]) -> dict[str, np.ndarray]:
    """Return the standing figure, both sides alike, with some points elsewhere."""
    left = {name: np.array(place, float) for name, place in STANDING.items()}
    right = {name.replace("left", "right"): place * MIRROR for name, place in left.items()}
    points = left | right | {name: np.array(place, float) for name, place in moved.items()}
    return {name: points[name][None] for name in POINTS}


def of_figure(points: dict[str, np.ndarray], turn: np.ndarray = UNTURNED) -> dict[str, float]:
    return {name: angle.item() for name, angle in angles_between(points, turn[None]).items()}


def test_whoever_stands_straight_has_no_angle_anywhere():
    assert of_figure(stick_figure()) == pytest.approx(dict.fromkeys(of_figure(stick_figure()), 0), abs=1e-9)


@pytest.mark.parametrize(
    ("moved", "angle", "degrees"),
    [
        ({"left_ankle": (0.1, 0.5, -0.4)}, "left_knee_flexion", 90),
        ({"left_knee": (0.1, 1, 0.5)}, "left_hip_flexion", 90),
        ({"left_knee": (0.1, 0.5, -0.5)}, "left_hip_flexion", -45),
        ({"left_knee": (0.6, 0.5, 0)}, "left_hip_abduction", 45),
        ({"right_knee": (-0.6, 0.5, 0)}, "right_hip_abduction", 45),
        ({"right_knee": (0.4, 0.5, 0)}, "right_hip_abduction", -45),
        ({"left_big_toe": (0.1, 0.25, 0.2)}, "left_ankle_dorsiflexion", 45),
        ({"left_big_toe": (0.1, -0.25, 0.2)}, "left_ankle_dorsiflexion", -45),
        ({"left_elbow": (0.5, 1.4, 0)}, "left_shoulder_elevation", 90),
        ({"left_elbow": (0.2, 1.4, 0.3)}, "left_shoulder_elevation", 90),
        ({"left_elbow": (0.2, 1.7, 0)}, "left_shoulder_elevation", 180),
        ({"right_wrist": (-0.2, 1.1, 0.3)}, "right_elbow_flexion", 90),
        ({"neck": (0, 1.5, 0.5)}, "trunk_lean", 45),
    ],
)
def test_each_angle_grows_with_its_movement(moved, angle, degrees):
    assert of_figure(stick_figure(**moved))[angle] == pytest.approx(degrees, abs=1e-9)


@given(st.integers(0, 2**31), st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_only_the_lean_hangs_on_how_the_whole_body_is_turned(seed, shift):
    rng = np.random.default_rng(seed)
    points = {name: place + rng.normal(0, 0.05, 3) for name, place in stick_figure().items()}
    turn = Rotation.random(rng=rng).as_matrix()
    moved = {name: place @ turn.T + shift for name, place in points.items()}
    before, after = of_figure(points), of_figure(moved, turn)
    del before["trunk_lean"], after["trunk_lean"]
    assert after == pytest.approx(before, abs=1e-6)


@pytest.mark.parametrize("degrees", [30, 60, 90, 120])
def test_a_knee_of_the_body_turned_about_its_axis_is_bent_by_that(open_body, degrees):
    """At rest the body's knees are not quite straight, and not only forwards."""
    rotmat = torch.eye(3).repeat(2, 24, 1, 1)
    rotmat[1, SMPL_24.index("left_knee")] = torch.from_numpy(
        Rotation.from_euler("x", degrees, degrees=True).as_matrix()
    ).float()
    posed = open_body.with_shape(torch.zeros(2, 10)).with_pose(rotmat)
    flexion = angles_of(posed, rotmat[:, 0].numpy())["left_knee_flexion"]
    assert flexion[0] < 7
    assert flexion[1] == pytest.approx(degrees, abs=4)


def test_a_table_has_them_beside_the_joints(motion, tmp_path):
    motion.export(tmp_path / "motion.csv")
    names = (tmp_path / "motion.csv").read_text().split("\n", 1)[0].split(",")
    table = np.loadtxt(tmp_path / "motion.csv", delimiter=",", skiprows=1, ndmin=2)
    joint = {name: table[:, [names.index(f"left_{name}_{axis}_m") for axis in "xyz"]] for name in LEG}
    thigh, shank = joint["knee"] - joint["hip"], joint["ankle"] - joint["knee"]
    cosine = (thigh * shank).sum(1) / np.linalg.norm(thigh, axis=1) / np.linalg.norm(shank, axis=1)
    flexion = table[:, names.index("left_knee_flexion_deg")]
    np.testing.assert_allclose(flexion, np.degrees(np.arccos(cosine)), atol=0.05)


def test_a_table_and_a_call_say_the_same(motion, open_body, tmp_path):
    motion.export(tmp_path / "motion.csv", shape="per-frame")
    names = (tmp_path / "motion.csv").read_text().split("\n", 1)[0].split(",")
    table = np.loadtxt(tmp_path / "motion.csv", delimiter=",", skiprows=1, ndmin=2)
    seen = table[:, names.index("seen")] == 1
    angles = tcmr.joint_angles_deg(motion, open_body)
    assert {f"{name}_deg" for name in angles} == {name for name in names if name.endswith("_deg")}
    for name, angle in angles.items():
        np.testing.assert_allclose(table[seen, names.index(f"{name}_deg")], angle, atol=0.02)
