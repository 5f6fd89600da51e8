from pathlib import Path

import numpy as np
import pytest
import roma
import torch
from body_models.smpl.torch import SMPL
from hypothesis import given, settings
from hypothesis import strategies as st

from tcmr.body import load_body
from tcmr.errors import TcmrError
from tcmr.joints import (
    BODY_54,
    H36M_14,
    H36M_17,
    LIMBS_12,
    SMPL_24,
    SMPL_VERTEX_JOINTS,
    SPIN_49,
    SPIN_EXTRA_9,
)

PARITY = Path(__file__).parents[1] / "parity"


def random_pose(*batch: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(seed)
    return torch.randn(*batch, 10), roma.random_rotmat((*batch, 24))


@pytest.fixture(params=["open", "synthetic SMPL"])
def body_and_oracle(request, open_body, open_body_file, smpl_body, smpl_folder):
    body, path = {
        "open": (open_body, open_body_file),
        "synthetic SMPL": (smpl_body, smpl_folder / "SMPL_NEUTRAL.pkl"),
    }[request.param]
    return body, SMPL(model_path=path, rotation_type="rotmat")


def test_agrees_with_the_oracle_library(body_and_oracle):
    body, oracle = body_and_oracle
    betas, rotmat = random_pose(7)
    transl = torch.randn(7, 3)
    posed = body.with_shape(2 * betas).with_pose(rotmat, transl)
    arguments = {
        "body_pose": rotmat[:, 1:],
        "pelvis_rotation": rotmat[:, 0],
        "shape": 2 * betas,
        "global_translation": transl,
    }
    skeleton = oracle.forward_skeleton(**arguments)
    torch.testing.assert_close(posed.vertices(), oracle.forward_vertices(**arguments), atol=1e-5, rtol=0)
    torch.testing.assert_close(posed.joints_m, skeleton[..., :3, 3], atol=1e-5, rtol=0)
    torch.testing.assert_close(posed.global_rotmat, skeleton[..., :3, :3], atol=1e-5, rtol=0)


def test_agrees_with_the_released_code(smpl_body):
    recorded = np.load(PARITY / "metrics.npz")
    theta = torch.from_numpy(recorded["theta"])
    rotmat = roma.rotvec_to_rotmat(theta[:, 3:75].reshape(-1, 24, 3))
    posed = smpl_body.with_shape(theta[:, 75:]).with_pose(rotmat)
    np.testing.assert_allclose(posed.joints(SPIN_49), recorded["smpl_joints49"], atol=2e-5)
    np.testing.assert_allclose(posed.vertices()[:, :50], recorded["smpl_verts50"], atol=2e-5)


def test_joint_sets_are_those_of_the_whole_mesh(open_body, open_body_file):
    betas, rotmat = random_pose(3)
    posed = open_body.with_shape(betas).with_pose(rotmat)
    vertices = posed.vertices().numpy()
    file = np.load(open_body_file)
    landmarks = vertices[:, list(SMPL_VERTEX_JOINTS.values())]
    body_54 = np.concatenate([posed.joints_m, landmarks, file["J_regressor_extra"] @ vertices], axis=1)
    h36m = file["J_regressor_h36m"] @ vertices

    def assert_same(joint_set, expected):
        np.testing.assert_allclose(posed.joints(joint_set), expected, atol=2e-6)

    assert_same(SMPL_24, posed.joints_m)
    assert_same(BODY_54, body_54)
    assert_same(SPIN_49, body_54[:, [BODY_54.index(name) for name in SPIN_49]])
    assert_same(SPIN_EXTRA_9, body_54[:, -9:])
    assert_same(LIMBS_12, body_54[:, [SMPL_24.index(name) for name in LIMBS_12]])
    assert_same(H36M_17, h36m)
    assert_same(H36M_14, h36m[:, [H36M_17.index(name) for name in H36M_14]])


def test_unknown_joint_is_named(open_body):
    posed = open_body.with_shape(torch.zeros(10)).with_pose(torch.eye(3).expand(24, 3, 3))
    with pytest.raises(ValueError, match="third_elbow"):
        posed.joints(("pelvis", "third_elbow"))


def test_missing_regressor_is_an_error_that_names_the_file(smpl_folder):
    body = load_body(smpl_folder / "SMPL_NEUTRAL.pkl")
    posed = body.with_shape(torch.zeros(10)).with_pose(torch.eye(3).expand(24, 3, 3))
    assert posed.joints((*SMPL_24, *SMPL_VERTEX_JOINTS)).shape == (45, 3)
    with pytest.raises(TcmrError, match="J_regressor_h36m"):
        posed.joints(H36M_14)


leading_axes = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@settings(deadline=None, max_examples=8)
@given(batch=leading_axes, seed=st.integers(0, 99))
def test_any_leading_axes_give_what_single_bodies_give(open_body, batch, seed):
    betas, rotmat = random_pose(*batch, seed=seed)
    posed = open_body.with_shape(betas).with_pose(rotmat)
    joints, nose = posed.joints_m, posed.joints(("nose",))
    assert posed.vertices().shape == (*batch, 6890, 3)
    for index in np.ndindex(batch):
        single = open_body.with_shape(betas[index]).with_pose(rotmat[index])
        torch.testing.assert_close(joints[index], single.joints_m, atol=2e-6, rtol=0)
        torch.testing.assert_close(nose[index], single.joints(("nose",)), atol=2e-6, rtol=0)


@settings(deadline=None, max_examples=6)
@given(batch=leading_axes, keep=st.lists(st.booleans(), min_size=3, max_size=3))
def test_shape_pose_and_translation_broadcast(open_body, batch, keep):
    betas, rotmat = random_pose(*batch)
    transl = torch.randn(*batch, 3)
    small = tuple(size if kept else 1 for size, kept in zip(batch, keep, strict=False))
    betas = betas[tuple(slice(size) for size in small)]
    broadcast = open_body.with_shape(betas).with_pose(rotmat, transl)
    explicit = open_body.with_shape(betas.expand(*batch, 10)).with_pose(rotmat, transl)
    torch.testing.assert_close(broadcast.joints(SPIN_49), explicit.joints(SPIN_49), atol=2e-6, rtol=0)
    torch.testing.assert_close(broadcast.vertices(), explicit.vertices(), atol=2e-6, rtol=0)


def test_one_pose_serves_many_shapes(open_body):
    betas, _ = random_pose(4)
    _, rotmat = random_pose()
    posed = open_body.with_shape(betas).with_pose(rotmat)
    alone = open_body.with_shape(betas[2]).with_pose(rotmat)
    torch.testing.assert_close(posed.vertices()[2], alone.vertices(), atol=2e-6, rtol=0)


def test_rest_pose_is_the_shaped_body(open_body):
    betas, _ = random_pose(2)
    shaped = open_body.with_shape(betas)
    posed = shaped.with_pose(torch.eye(3).expand(24, 3, 3))
    torch.testing.assert_close(posed.vertices(), shaped.vertices_m, atol=1e-6, rtol=0)
    torch.testing.assert_close(posed.joints_m, shaped.joints_m, atol=1e-6, rtol=0)


def test_root_turns_about_the_pelvis_and_translation_moves_everything(open_body):
    betas, rotmat = random_pose(2)
    transl = torch.randn(2, 3)
    shaped = open_body.with_shape(betas)
    moved = shaped.with_pose(rotmat, transl)
    unturned = torch.cat([torch.eye(3).expand(2, 1, 3, 3), rotmat[:, 1:]], dim=1)
    pelvis = shaped.joints_m[:, :1]
    expected = (shaped.with_pose(unturned).vertices() - pelvis) @ rotmat[:, 0].mT + pelvis
    torch.testing.assert_close(moved.vertices(), expected + transl[:, None], atol=2e-6, rtol=0)
    torch.testing.assert_close(moved.joints_m[:, 0], pelvis[:, 0] + transl, atol=2e-6, rtol=0)


def test_gradients_are_right(open_body):
    body = open_body.to(dtype=torch.float64)
    betas, rotmat = random_pose()
    names = (*SMPL_24[-4:], "nose", "left_heel", "jaw_h36m")

    def joints(betas, rotmat, transl):
        return body.with_shape(betas).with_pose(rotmat, transl).joints(names)

    inputs = [
        value.to(torch.float64).requires_grad_() for value in (betas, rotmat.contiguous(), torch.randn(3))
    ]
    assert torch.autograd.gradcheck(joints, inputs, fast_mode=True)


def test_every_tensor_is_on_the_models_device(open_body):
    body = open_body.to("meta")
    posed = body.with_shape(torch.zeros(2, 10, device="meta")).with_pose(
        torch.zeros(2, 24, 3, 3, device="meta"), torch.zeros(2, 3, device="meta")
    )
    for result in (posed.vertices(), *(posed.joints(s) for s in (SMPL_24, SPIN_49, H36M_14))):
        assert result.device.type == "meta"


def test_float64_is_the_same_body_in_more_digits(open_body):
    betas, rotmat = random_pose(2)
    body = open_body.to(dtype=torch.float64)
    posed = body.with_shape(betas.double()).with_pose(rotmat.double())
    assert posed.vertices().dtype == torch.float64
    single = open_body.with_shape(betas).with_pose(rotmat).vertices()
    torch.testing.assert_close(posed.vertices().float(), single, atol=5e-6, rtol=0)


def test_values_cannot_be_changed(open_body):
    with pytest.raises(AttributeError):
        open_body.name = "other"
