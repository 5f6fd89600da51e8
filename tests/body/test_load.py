import hashlib
import shutil

import numpy as np
import pytest
import torch

from tcmr.body import load, load_body
from tcmr.errors import TcmrError


def test_a_body_knows_its_name_and_file(open_body, open_body_file, smpl_body, smpl_folder):
    assert open_body.name == "open"
    assert open_body.sha256 == hashlib.sha256(open_body_file.read_bytes()).hexdigest()
    assert smpl_body.name == "SMPL_NEUTRAL"
    file = (smpl_folder / "SMPL_NEUTRAL.pkl").read_bytes()
    assert smpl_body.sha256 == hashlib.sha256(file).hexdigest()


def test_a_pickle_and_an_npz_give_the_same_body(smpl_arrays, smpl_body, tmp_path):
    np.savez(tmp_path / "SMPL_NEUTRAL.npz", **smpl_arrays)
    for source in (tmp_path, tmp_path / "SMPL_NEUTRAL.npz"):
        body = load_body(source)
        torch.testing.assert_close(body.pose_dirs, smpl_body.pose_dirs, atol=0, rtol=0)
        torch.testing.assert_close(body.joint_template_m, smpl_body.joint_template_m, atol=0, rtol=0)
        assert body.topology == smpl_body.topology
        assert set(body.regressors) == {"landmarks"}


def test_the_device_is_the_one_asked_for():
    assert load_body(device="meta").device.type == "meta"


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(TcmrError, match=r"holds no SMPL_NEUTRAL\.pkl"):
        load_body(tmp_path)


def test_the_open_body_takes_no_regressor_files(open_body_file, smpl_folder, tmp_path):
    shutil.copy(open_body_file, tmp_path / "SMPL_NEUTRAL.npz")
    shutil.copy(smpl_folder / "J_regressor_h36m.npy", tmp_path)
    with pytest.raises(TcmrError, match=r"brings its own.*J_regressor_h36m\.npy"):
        load_body(tmp_path)


def test_a_smpl_body_takes_no_regressors_of_the_open_body(open_body_file, smpl_folder, tmp_path):
    shutil.copy(smpl_folder / "SMPL_NEUTRAL.pkl", tmp_path)
    np.save(tmp_path / "J_regressor_h36m.npy", np.load(open_body_file)["J_regressor_h36m"])
    with pytest.raises(TcmrError, match=r"J_regressor_h36m\.npy was made for another mesh"):
        load_body(tmp_path)


@pytest.mark.parametrize(("mine", "foreign"), [("open_body", "smpl_body"), ("smpl_body", "open_body")])
def test_regressors_do_not_pass_from_body_to_body(request, mine, foreign):
    body, other = request.getfixturevalue(mine), request.getfixturevalue(foreign)
    assert body.with_regressors({"h36m": body.regressor("h36m")}).regressor("h36m")
    with pytest.raises(TcmrError, match="another mesh"):
        body.with_regressors({"h36m": other.regressor("h36m")})


def test_the_open_body_can_be_trained_on_whoever_read_it_first():
    load._open_body.cache_clear()
    with torch.inference_mode():
        load_body("open")
    body = load_body("open")
    betas = torch.zeros(1, 10, requires_grad=True)
    body.with_shape(betas).joints_m.sum().backward()
    assert betas.grad is not None
