"""SPIN whole against the released code's numbers; its checkpoint loaded strictly."""

import pytest
import torch

from parity import synth
from tcmr.body import load_body
from tcmr.camera import project_in_crop
from tcmr.errors import TcmrError
from tcmr.joints import SPIN_49
from tcmr.model.spin import load_spin
from tcmr.rotations import rotmat_from_axis_angle

from .conftest import tensors

CLOSE = {"atol": 2e-5, "rtol": 0}


def test_the_single_image_networks_output_is_the_released_codes(spin_checkpoint, smpl_folder):
    released = tensors("spin.npz")
    estimate = load_spin(spin_checkpoint)(torch.from_numpy(synth.images_norm("spin", 3)))
    theta = released["theta"]
    torch.testing.assert_close(estimate.camera, theta[:, :3], **CLOSE)
    torch.testing.assert_close(estimate.betas, theta[:, 75:], **CLOSE)
    turned = rotmat_from_axis_angle(theta[:, 3:75].unflatten(-1, (24, 3)))
    torch.testing.assert_close(estimate.rotmat, turned, atol=1e-4, rtol=0)
    posed = load_body(smpl_folder).with_shape(estimate.betas).with_pose(estimate.rotmat)
    joints = posed.joints(SPIN_49)
    torch.testing.assert_close(joints, released["kp_3d"], **CLOSE)
    torch.testing.assert_close(posed.vertices()[:, :50], released["verts50"], **CLOSE)
    torch.testing.assert_close(project_in_crop(joints, estimate.camera), released["kp_2d"], **CLOSE)


def test_every_tensor_is_loaded_as_it_is(spin_checkpoint, spin_state):
    spin = load_spin(spin_checkpoint)
    loaded = spin.backbone.state_dict() | spin.regressor.state_dict()
    assert loaded.keys() == spin_state.keys()
    assert all(torch.equal(loaded[name], spin_state[name].reshape(loaded[name].shape)) for name in loaded)
    assert not spin.training


@pytest.mark.parametrize(
    ("name", "tensor", "said"),
    [
        ("decpose.bias", None, "is missing"),
        ("layer1.0.downsample.0.weight", None, "is missing"),
        ("init_cam", torch.zeros(3), "is [3], not [1, 3]"),
        ("layer4.2.bn3.running_var", torch.full((2048,), torch.nan), "is not finite"),
    ],
)
def test_a_tensor_that_is_missing_or_faulty_is_named(spin_state, tmp_path, name, tensor, said):
    path = tmp_path / "faulty.pth.tar"
    changed = {**spin_state, name: tensor}
    torch.save({"model": {key: value for key, value in changed.items() if value is not None}}, path)
    with pytest.raises(TcmrError, match=r"faulty\.pth\.tar") as refusal:
        load_spin(path)
    assert f"{name} {said}" in str(refusal.value)


def test_a_tensor_too_many_is_named(spin_state, tmp_path):
    torch.save({"model": {**spin_state, "fc.weight": torch.zeros(1000, 2048)}}, tmp_path / "imagenet.pth.tar")
    with pytest.raises(TcmrError, match=r"imagenet\.pth\.tar.*fc\.weight is unknown"):
        load_spin(tmp_path / "imagenet.pth.tar")


def test_a_checkpoint_of_something_else_is_refused(narrow_checkpoint):
    with pytest.raises(TcmrError, match=r"narrow\.pth\.tar has no model"):
        load_spin(narrow_checkpoint)
