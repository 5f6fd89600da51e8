"""The authors' checkpoints: strictly read, checked against the body, converted without loss."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from parity import synth
from tcmr.body import BodyModel, load_body
from tcmr.errors import TcmrError
from tcmr.model.checkpoint import convert_checkpoint, load_checkpoint
from tcmr.model.predictor import load_model
from tcmr.model.tcmr import TCMRConfig

SMPL = "regressor.smpl."


def write(path: Path, state: dict[str, torch.Tensor | None]) -> Path:
    """Write a checkpoint without the tensors that are None."""
    torch.save(
        {"gen_state_dict": {name: tensor for name, tensor in state.items() if tensor is not None}}, path
    )
    return path


def without_body(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor for name, tensor in state.items() if not name.startswith(SMPL)}


def test_every_tensor_is_loaded_as_it_is(narrow_state, narrow_checkpoint):
    checkpoint = load_checkpoint(narrow_checkpoint)
    loaded = checkpoint.tcmr.state_dict()
    assert loaded.keys() == without_body(narrow_state).keys()
    assert all(torch.equal(loaded[name], narrow_state[name]) for name in loaded)
    assert not checkpoint.tcmr.training
    assert checkpoint.name == "narrow"
    assert checkpoint.sha256 == hashlib.sha256(narrow_checkpoint.read_bytes()).hexdigest()


def test_the_sizes_are_told_by_the_tensors(narrow_checkpoint, tmp_path):
    assert load_checkpoint(narrow_checkpoint).tcmr.config == TCMRConfig(hidden_size=16)
    state = {name: torch.from_numpy(array) for name, array in synth.tcmr_state(hidden=8, layers=3).items()}
    found = load_checkpoint(write(tmp_path / "deep.pth.tar", state)).tcmr.config
    assert found == TCMRConfig(hidden_size=8, layers=3)


def test_a_checkpoint_with_and_without_the_body_gives_the_same(
    narrow_state, narrow_checkpoint, smpl_folder, tmp_path
):
    features = synth.features("some", 1, 20)[0]
    bare = write(tmp_path / "bare.pth.tar", without_body(narrow_state))
    one, other = (load_model(path, smpl_folder).predict(features) for path in (narrow_checkpoint, bare))
    np.testing.assert_array_equal(one.rotmat, other.rotmat)
    np.testing.assert_array_equal(one.joints_m, other.joints_m)


@pytest.mark.parametrize(
    "name",
    [
        "regressor.decshape.bias",
        "regressor.fc1.weight",
        "regressor.init_pose",
        "encoder.gru_cur.weight_ih_l1_reverse",
        "encoder.gru_bef.bias_hh_l0",
        "encoder.gru_aft.weight_hh_l0",
        "encoder.linear_bef.weight",
        "encoder.attention.attention.4.bias",
        "regressor.smpl.lbs_weights",
        "regressor.smpl.vertex_joint_selector.extra_joints_idxs",
    ],
)
def test_each_tensor_that_is_missing_or_faulty_is_named(narrow_state, tmp_path, name):
    state = narrow_state if name.startswith(SMPL) else without_body(narrow_state)
    good = state[name]
    faults = {"is missing": None, "is [": torch.cat([good, good])}
    if good.is_floating_point():
        faults["is not finite"] = torch.full_like(good, torch.nan)
    for said, tensor in faults.items():
        path = write(tmp_path / "faulty.pth.tar", state | {name: tensor})
        with pytest.raises(TcmrError, match=r"faulty\.pth\.tar") as refusal:
            load_checkpoint(path)
        assert f"cannot be used: {name} {said}" in str(refusal.value)
        assert "more" not in str(refusal.value)


@pytest.mark.parametrize(
    "name",
    ["encoder.gru_cur.weight_ih_l2", "regressor.extra", "regressor.smpl.transl", "encoder.linear.weight"],
)
def test_tensors_too_many_are_named(narrow_state, tmp_path, name):
    path = write(tmp_path / "more.pth.tar", narrow_state | {name: torch.zeros(3)})
    with pytest.raises(TcmrError, match=rf"cannot be used: {name} is unknown$"):
        load_checkpoint(path)


def test_names_of_a_parallel_wrapper_are_not_guessed_at(narrow_state, tmp_path):
    path = write(
        tmp_path / "parallel.pth.tar", {f"module.{name}": value for name, value in narrow_state.items()}
    )
    with pytest.raises(
        TcmrError, match=r"parallel\.pth\.tar have names that begin with 'module\.'.*DataParallel"
    ):
        load_checkpoint(path)


@pytest.mark.parametrize("state", [{}, {"encoder.gru.weight_ih_l0": torch.zeros(3, 3)}])
def test_checkpoints_of_other_methods_are_refused(tmp_path, state):
    with pytest.raises(TcmrError, match=r"encoder\.gru_cur\.weight_ih_l0 is missing"):
        load_checkpoint(write(tmp_path / "other.pth.tar", state))


def test_the_open_body_is_refused(narrow_state, narrow_checkpoint, tmp_path):
    bare = write(tmp_path / "bare.pth.tar", without_body(narrow_state))
    for path in (narrow_checkpoint, bare):
        with pytest.raises(
            TcmrError, match=r"are for SMPL.*open body; give .*--body FOLDER with SMPL_NEUTRAL\.pkl"
        ):
            load_model(path)


def other_body(arrays: dict[str, np.ndarray], name: str, change: float) -> BodyModel:
    changed = arrays[name].astype(np.float64)
    changed[2, 1] += change
    return BodyModel.from_smpl_arrays(arrays | {name: changed}, "other", "0")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("v_template", "v_template differs by up to 0.25"),
        ("shapedirs", "shapedirs differs by up to 0.25"),
        ("posedirs", "posedirs differs by up to 0.25"),
        ("weights", "lbs_weights differs by up to 0.25"),
        ("J_regressor", "J_regressor differs by up to"),
    ],
)
def test_another_body_than_the_checkpoints_own_is_refused(narrow_checkpoint, smpl_arrays, name, said):
    checkpoint = load_checkpoint(narrow_checkpoint)
    checkpoint.check_body(other_body(smpl_arrays, name, 0.0))
    with pytest.raises(TcmrError, match="the body other is not that of") as refusal:
        checkpoint.check_body(other_body(smpl_arrays, name, 0.25))
    assert f"{SMPL}{said}" in str(refusal.value)


def test_another_regressor_beside_the_body_is_refused(narrow_state, smpl_folder, tmp_path):
    name = f"{SMPL}J_regressor_extra"
    path = write(tmp_path / "other.pth.tar", narrow_state | {name: narrow_state[name].flip(0)})
    with pytest.raises(
        TcmrError, match=rf"not that of .*other\.pth\.tar: {name} differs by up to 0\.\d+; give"
    ):
        load_model(path, smpl_folder)
    load_model(path, smpl_folder / "SMPL_NEUTRAL.pkl")  # which brings none


@pytest.mark.parametrize(
    ("rows", "difference"),
    [(slice(None, -1), "inf"), (slice(None, None, -1), "[0-9.e+]+")],
    ids=["fewer", "turned"],
)
def test_a_body_of_other_triangles_is_refused(narrow_checkpoint, smpl_arrays, rows, difference):
    body = BodyModel.from_smpl_arrays(smpl_arrays | {"f": smpl_arrays["f"][rows]}, "other", "0")
    with pytest.raises(TcmrError, match=rf"faces_tensor differs by up to {difference};"):
        load_checkpoint(narrow_checkpoint).check_body(body)


def test_a_converted_checkpoint_is_the_same_to_the_bit(
    narrow_state, narrow_checkpoint, smpl_folder, tmp_path
):
    converted = tmp_path / "mine.safetensors"
    convert_checkpoint(str(narrow_checkpoint), str(converted))
    with safe_open(converted, "pt") as file:
        assert set(file.keys()) == set(narrow_state)
        assert all(torch.equal(file.get_tensor(name), narrow_state[name]) for name in narrow_state)
        metadata = file.metadata()
    assert json.loads(metadata["tcmr"])["hidden_size"] == 16
    provenance = json.loads(metadata["provenance"])
    assert provenance["source"] == "narrow.pth.tar"
    assert provenance["sha256"] == hashlib.sha256(narrow_checkpoint.read_bytes()).hexdigest()
    assert provenance["tcmr"] == version("tcmr")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.safetensors"]

    features = synth.features("some", 1, 20)[0]
    for edges in ("reflect", "static"):
        ours = load_model(converted, smpl_folder).predict(features, edges=edges)
        theirs = load_model(narrow_checkpoint, smpl_folder).predict(features, edges=edges)
        for field in ("rotmat", "betas", "camera", "attention", "joints_m"):
            np.testing.assert_array_equal(getattr(ours, field), getattr(theirs, field))
    assert ours.weights == f"mine {hashlib.sha256(converted.read_bytes()).hexdigest()}"
    with pytest.raises(TcmrError, match="are for SMPL"):
        load_model(converted)


def test_a_faulty_checkpoint_is_not_converted(narrow_state, tmp_path):
    path = write(tmp_path / "faulty.pth.tar", narrow_state | {"regressor.fc1.bias": None})
    with pytest.raises(TcmrError, match=r"regressor\.fc1\.bias is missing"):
        convert_checkpoint(path, tmp_path / "out.safetensors")
    assert not (tmp_path / "out.safetensors").exists()


def test_missing_weights_and_bodies_are_named(narrow_checkpoint, tmp_path):
    with pytest.raises(TcmrError, match=r"gone\.pth\.tar"):
        load_model(tmp_path / "gone.pth.tar")
    with pytest.raises(TcmrError, match=r"nowhere"):
        load_model(narrow_checkpoint, tmp_path / "nowhere")


def test_the_body_may_be_a_file_as_well(narrow_checkpoint, smpl_folder):
    assert load_model(narrow_checkpoint, smpl_folder / "SMPL_NEUTRAL.pkl").body.name == "SMPL_NEUTRAL"
    assert load_body(smpl_folder).regressor("h36m")
