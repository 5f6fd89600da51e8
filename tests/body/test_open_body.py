"""The shipped file: a closed, symmetric, human-shaped body in SMPL's conventions."""

import numpy as np
import pytest
import roma
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from tcmr.joints import BODY_54, H36M_17, SMPL_24, SMPL_VERTEX_JOINTS, mirrored

REFLECTION = torch.diag(torch.tensor([-1.0, 1.0, 1.0]))


@pytest.fixture(scope="module")
def vertex_pairs(open_body):
    template = open_body.template_m.numpy()
    distances, pairs = cKDTree(template).query(template * [-1, 1, 1])
    assert distances.max() == 0
    return torch.from_numpy(pairs)


@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 10_000))
def test_a_mirrored_pose_gives_the_mirrored_body(open_body, vertex_pairs, seed):
    torch.manual_seed(seed)
    shaped = open_body.with_shape(2 * torch.randn(10))
    rotmat = roma.random_rotmat(24)
    posed = shaped.with_pose(rotmat)
    other = shaped.with_pose(REFLECTION @ rotmat[mirrored(SMPL_24)] @ REFLECTION)
    torch.testing.assert_close(
        other.vertices(), posed.vertices()[vertex_pairs] @ REFLECTION, atol=2e-6, rtol=0
    )
    for joint_set in (SMPL_24, BODY_54, H36M_17):
        expected = posed.joints(joint_set)[mirrored(joint_set)] @ REFLECTION
        torch.testing.assert_close(other.joints(joint_set), expected, atol=2e-6, rtol=0)


def test_mesh_is_a_closed_surface_of_6890_vertices(open_body):
    faces = open_body.faces.numpy()
    edges = {tuple(edge) for face in faces for edge in zip(face, np.roll(face, -1), strict=True)}
    assert len(edges) == faces.size
    assert edges == {(b, a) for a, b in edges}
    assert len(np.unique(faces)) == 6890
    assert 6890 - len(edges) // 2 + len(faces) == 2


def test_weights_are_convex_and_few(open_body):
    weights = open_body.skin_weights
    assert weights.min() >= 0
    assert (weights > 0).sum(dim=1).max() <= 4
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(6890))


def volume_m3(vertices, faces):
    a, b, c = vertices[faces].unbind(dim=1)
    return float((a * torch.linalg.cross(b, c)).sum() / 6)


def girth(vertices, faces):
    return volume_m3(vertices, faces) / height_m(vertices)


def height_m(vertices):
    return float(vertices[:, 1].max() - vertices[:, 1].min())


def test_it_has_human_size_and_its_faces_look_outwards(open_body):
    rest = open_body.template_m
    assert 1.6 < height_m(rest) < 1.85
    assert 0.05 < volume_m3(rest, open_body.faces) < 0.09


def test_signs_of_shape_follow_smpl(open_body):
    def with_beta(component):
        return open_body.with_shape(2 * torch.eye(10)[component]).vertices_m

    rest = open_body.template_m
    assert height_m(with_beta(0)) > height_m(rest) + 0.1
    assert girth(with_beta(1), open_body.faces) < 0.96 * girth(rest, open_body.faces)


def test_rest_pose_is_a_t_pose_that_faces_z(open_body):
    joints = dict(zip(SMPL_24, open_body.joint_template_m, strict=True))
    landmarks = {name: open_body.template_m[vertex] for name, vertex in SMPL_VERTEX_JOINTS.items()}
    for wrist, shoulder, sign in (
        ("left_wrist", "left_shoulder", 1),
        ("right_wrist", "right_shoulder", -1),
    ):
        arm = joints[wrist] - joints[shoulder]
        assert sign * arm[0] > 0.99 * arm.norm()
    assert landmarks["nose"][2] > landmarks["left_eye"][2] > landmarks["left_ear"][2]
    assert landmarks["left_eye"][1] > landmarks["nose"][1] > joints["neck"][1]
    assert landmarks["left_big_toe"][2] > joints["left_ankle"][2] > landmarks["left_heel"][2]
    assert landmarks["left_small_toe"][0] > landmarks["left_big_toe"][0] > 0
    tips = [landmarks[f"left_{finger}"][0] for finger in ("thumb", "pinky", "index", "ring", "middle")]
    assert min(tips) == tips[0] > joints["left_wrist"][0]
    assert max(tips) == tips[-1]


def test_joints_of_the_legs_are_as_high_as_peoples(open_body):
    """Shares of the body's height: Winter, "Biomechanics and Motor Control of Human Movement", figure of segments."""
    floor_m, tall_m = float(open_body.template_m[:, 1].min()), height_m(open_body.template_m)
    joints = dict(zip(SMPL_24, open_body.joint_template_m, strict=True))
    for name, share in (("hip", 0.530), ("knee", 0.285), ("ankle", 0.039)):
        assert float(joints[f"left_{name}"][1] - floor_m) / tall_m == pytest.approx(share, abs=0.012)


def test_joints_lie_within_the_limbs(open_body):
    """Every limb joint has skin on all sides: it is near the middle of its nearest vertices."""
    joints = dict(zip(SMPL_24, open_body.joint_template_m, strict=True))
    for name in ("knee", "ankle", "elbow", "wrist"):
        joint = joints[f"left_{name}"]
        directions = torch.nn.functional.normalize(open_body.template_m - joint, dim=1)
        near = (open_body.template_m - joint).norm(dim=1) < 0.08
        for axis in torch.eye(3):
            along = directions[near] @ axis
            assert along.min() < -0.4
            assert along.max() > 0.4
