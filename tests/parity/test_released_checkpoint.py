"""A checkpoint of the released size, from file to numbers: what a user of the released code compares.

Tolerance: 2e-5 in metres and matrices, as the page of these numbers says.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from parity import synth
from tcmr.body import PosedBody
from tcmr.camera import project_in_crop
from tcmr.cli import main
from tcmr.joints import H36M_14, SPIN_49
from tcmr.model.predictor import Predictor, load_model
from tcmr.model.regressor import Estimate
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Motion

HERE = Path(__file__).parent
CLOSE = {"atol": 2e-5, "rtol": 0}


def recorded(name: str) -> dict[str, torch.Tensor]:
    with np.load(HERE / name) as arrays:
        return {key: torch.from_numpy(array) for key, array in arrays.items()}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Iterator[Path]:
    """Write 80 million seeded numbers and the body as the released code does; 350 MB, removed after use."""
    path = tmp_path_factory.mktemp("released") / "tcmr_table4.pth.tar"
    state = {name: torch.from_numpy(array) for name, array in synth.tcmr_state(include_smpl=True).items()}
    content = {"epoch": 30, "gen_state_dict": state, "performance": np.float32(52.7)}
    torch.save(content, path, _use_new_zipfile_serialization=False)
    yield path
    path.unlink()


@pytest.fixture(scope="module")
def model(checkpoint, smpl_folder) -> Predictor:
    return load_model(checkpoint, smpl_folder)


@pytest.fixture(scope="module")
def forward() -> dict[str, torch.Tensor]:
    return recorded("tcmr_forward.npz")


@pytest.fixture(scope="module")
def windows(forward) -> torch.Tensor:
    static = torch.from_numpy(synth.features("main", 4, 16))
    torch.testing.assert_close(static[0, :3, :8], forward["feat_head"])
    return static


def posed(model: Predictor, estimate: Estimate) -> PosedBody:
    return model.body.with_shape(estimate.betas).with_pose(estimate.rotmat)


def assert_is(
    estimate: Estimate, expected: dict[str, torch.Tensor], name: str, rows: object = slice(None)
) -> None:
    theta = expected[f"{name}theta"][rows]
    torch.testing.assert_close(estimate.camera, theta[..., :3], **CLOSE)
    torch.testing.assert_close(estimate.betas, theta[..., 75:], **CLOSE)
    if f"{name}rotmat" in expected:
        torch.testing.assert_close(estimate.rotmat, expected[f"{name}rotmat"][rows], **CLOSE)


@torch.no_grad()
def test_evaluation_joints_and_vertices(model, windows, forward):
    estimate, attention = model.tcmr(windows)
    assert_is(estimate, forward, "eval_")
    torch.testing.assert_close(attention, forward["eval_scores"], **CLOSE)
    body = posed(model, estimate)
    joints, vertices = body.joints(SPIN_49), body.vertices()
    torch.testing.assert_close(joints, forward["eval_kp_3d"], **CLOSE)
    torch.testing.assert_close(project_in_crop(joints, estimate.camera), forward["eval_kp_2d"], **CLOSE)
    torch.testing.assert_close(vertices[:, :50], forward["eval_verts50"], **CLOSE)
    torch.testing.assert_close(vertices.double().mean(1), forward["eval_verts_mean"], **CLOSE)


@torch.no_grad()
def test_evaluation_by_the_h36m_regressor(model, windows, forward):
    estimate, _ = model.tcmr(windows)
    assert_is(estimate, forward, "evalJ_")
    joints = posed(model, estimate).joints(H36M_14)
    torch.testing.assert_close(joints, forward["evalJ_kp_3d"], **CLOSE)
    torch.testing.assert_close(project_in_crop(joints, estimate.camera), forward["evalJ_kp_2d"], **CLOSE)


@pytest.mark.parametrize(("place", "branch"), [(0, "past"), (1, "future"), (2, "integrated")])
@torch.no_grad()
def test_training_outputs(model, windows, forward, place, branch):
    estimate = getattr(model.tcmr.forward_training(windows), branch)
    assert_is(estimate, forward, "train_", (slice(None), place))
    body = posed(model, estimate)
    joints, vertices = body.joints(SPIN_49), body.vertices()
    torch.testing.assert_close(joints, forward["train_kp_3d"][:, place], **CLOSE)
    torch.testing.assert_close(
        project_in_crop(joints, estimate.camera), forward["train_kp_2d"][:, place], **CLOSE
    )
    torch.testing.assert_close(vertices[:, :50], forward["train_verts50"][:, place], **CLOSE)
    torch.testing.assert_close(vertices.double().mean(1), forward["train_verts_mean"][:, place], **CLOSE)


@pytest.mark.parametrize("edges", ["static", "reflect"])
def test_a_single_frame_is_a_static_window(model, windows, forward, edges):
    for row, window in enumerate(windows.numpy()):
        motion = model.predict(window[3:4], edges=edges)
        np.testing.assert_allclose(motion.camera[0], forward["static_theta"][row, :3], **CLOSE)
        np.testing.assert_allclose(motion.betas[0], forward["static_theta"][row, 75:], **CLOSE)
        turned = rotmat_from_axis_angle(forward["static_theta"][row, 3:75].unflatten(-1, (24, 3)))
        np.testing.assert_allclose(motion.rotmat[0], turned, atol=1e-4)
        np.testing.assert_allclose(motion.attention[0], forward["static_scores"][row], **CLOSE)


def test_forty_frames_through_the_command_line(checkpoint, model, smpl_folder, tmp_path):
    np.save(tmp_path / "features.npy", synth.features("seq40", 1, 40)[0].astype(np.float64))
    command = [
        "predict",
        str(tmp_path / "features.npy"),
        "--weights",
        str(checkpoint),
        "--body",
        str(smpl_folder),
    ]
    main([*command, "--edges", "static", "-o", str(tmp_path / "motion.npz")])
    motion, expected = Motion.load(tmp_path / "motion.npz"), recorded("tcmr_seq40.npz")
    theta = expected["theta"]
    np.testing.assert_allclose(motion.camera, theta[:, :3], **CLOSE)
    np.testing.assert_allclose(motion.betas, theta[:, 75:], **CLOSE)
    np.testing.assert_allclose(motion.attention, expected["scores"], **CLOSE)
    turned = rotmat_from_axis_angle(theta[:, 3:75].unflatten(-1, (24, 3)))
    np.testing.assert_allclose(motion.rotmat, turned, atol=1e-4)
    with np.load(tmp_path / "motion.npz") as arrays:
        again = rotmat_from_axis_angle(torch.from_numpy(arrays["poses"]).unflatten(-1, (24, 3)))
    np.testing.assert_allclose(again, motion.rotmat, atol=1e-5)

    body = model.body.with_shape(torch.from_numpy(motion.betas)).with_pose(torch.from_numpy(motion.rotmat))
    torch.testing.assert_close(body.joints(SPIN_49), expected["kp_3d"], **CLOSE)
    torch.testing.assert_close(body.joints(H36M_14), expected["kp_3d_h36m14"], **CLOSE)
    torch.testing.assert_close(body.vertices()[:, :50], expected["verts50"], **CLOSE)
