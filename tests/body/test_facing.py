"""Bodies turned by known angles."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from tcmr.body.facing import faces_away, facing
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, SMPL_24, mirrored


def _standing() -> np.ndarray:
    """Twelve joints of somebody who stands, facing +z, y up, left at +x."""
    heights = {"shoulder": 1.4, "elbow": 1.1, "wrist": 0.9, "hip": 0.9, "knee": 0.5, "ankle": 0.1}
    sides = {"left": 0.2, "right": -0.2}
    return np.array([[sides[name.split("_")[0]], heights[name.split("_")[1]], 0.0] for name in LIMBS_12])


@pytest.mark.parametrize(
    ("turn_deg", "away"), [(0, False), (89, False), (-89, False), (91, True), (180, True)]
)
def test_facing_follows_the_turn_about_the_vertical(turn_deg, away):
    body = _standing()[None]
    turned = body @ Rotation.from_euler("y", turn_deg, degrees=True).as_matrix().T
    camera = Rotation.from_euler("xyz", [160, 20, 5], degrees=True).as_matrix().T
    assert faces_away(turned @ camera, body @ camera) == away


def test_swapped_left_and_right_face_away():
    body = _standing()[None]
    assert faces_away(body[:, mirrored(LIMBS_12)], body)


def test_a_body_at_rest_faces_the_way_it_looks(open_body, landmark_points):
    at_rest = open_body.with_shape(torch.zeros(10)).with_pose(torch.eye(3).expand(24, 3, 3))
    for points, joint_set in ((landmark_points.on(at_rest), BLAZEPOSE_33), (at_rest.joints_m, SMPL_24)):
        direction = facing(points.numpy(), joint_set)
        assert direction[2] / np.linalg.norm(direction) > 0.95
