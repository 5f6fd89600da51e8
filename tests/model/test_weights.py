"""Files of open weights: round trip, precision, strictness."""

import hashlib
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tcmr.errors import TcmrError
from tcmr.model.per_frame import frame_predictor_of
from tcmr.model.predictor import load_model, predictor_of
from tcmr.model.weights import (
    FrameModel,
    OpenModel,
    build_open_model,
    load_frame_model,
    load_open_model,
    save_open_model,
)

FRAME_SIZES = {"feature_size": 8, "hidden_size": 12, "layers": 1, "regressor_size": 6}


@pytest.fixture(scope="module")
def model() -> OpenModel:
    torch.manual_seed(0)
    frame_model = FrameModel.build(FRAME_SIZES)
    return OpenModel(frame_model, build_open_model(frame_model, {"hidden_size": 5, "layers": 1}))


@pytest.fixture
def path(tmp_path, model) -> Path:
    save_open_model(tmp_path / "mine.safetensors", model, {"steps": 7})
    return tmp_path / "mine.safetensors"


def metadata_of(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        return file.metadata()


def assert_within_half_precision(ours: torch.nn.Module, theirs: torch.nn.Module) -> None:
    """Eleven bits of mantissa: an error of 2^-11 of the value, or half the smallest step near zero."""
    for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
        assert b.dtype == torch.float32
        assert ((a - b).abs() <= a.abs() * 2**-11 + 2**-25).all(), name


def test_what_is_saved_is_loaded_within_half_precision(path, model):
    loaded = load_open_model(path)
    assert_within_half_precision(model.frame_model, loaded.frame_model)
    assert_within_half_precision(model.tcmr, loaded.tcmr)
    assert loaded.tcmr.config == model.tcmr.config
    assert loaded.frame_model.config == FRAME_SIZES
    assert not loaded.frame_model.training
    assert not loaded.tcmr.training


def test_saving_what_was_loaded_changes_nothing(path, tmp_path):
    save_open_model(tmp_path / "again.safetensors", load_open_model(path), {"steps": 7})
    again, first = load_file(tmp_path / "again.safetensors"), load_file(path)
    assert again.keys() == first.keys()
    assert all(torch.equal(again[name], first[name]) for name in first)


def test_the_file_says_where_it_comes_from_and_is_alone_in_its_folder(path):
    metadata = metadata_of(path)
    assert metadata["format"] == "tcmr-open-1"
    assert metadata["provenance"] == '{"steps": 7}'
    assert list(path.parent.iterdir()) == [path]


def test_name_and_hash_tell_which_file_it_was(path):
    loaded = load_open_model(path)
    assert loaded.name == "mine"
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_temporal_model_starts_with_the_frame_models_regressor(model):
    frame, temporal = model.frame_model.regressor.state_dict(), model.tcmr.regressor.state_dict()
    assert all(torch.equal(frame[name], temporal[name]) for name in frame)
    temporal["fc1.weight"].add_(1)
    assert not torch.equal(frame["fc1.weight"], temporal["fc1.weight"])
    temporal["fc1.weight"].sub_(1)


def test_the_first_stages_file_has_no_temporal_model(tmp_path, model):
    path = tmp_path / "static.safetensors"
    save_open_model(path, OpenModel(model.frame_model, None), {})
    assert load_open_model(path).tcmr is None
    assert_within_half_precision(model.frame_model, load_frame_model(path))
    with pytest.raises(TcmrError, match=r"static\.safetensors.*first stage"):
        load_model(path)


TENSOR = "tcmr.encoder.linear_cur.bias"
FRAME_TENSOR = "frame.regressor.fc1.weight"


def removed(tensors: dict) -> None:
    del tensors[TENSOR]


def added(tensors: dict) -> None:
    tensors[f"{TENSOR}2"] = torch.zeros(3)


def added_elsewhere(tensors: dict) -> None:
    tensors["optimiser.step"] = torch.zeros(3)


def not_a_number(tensors: dict) -> None:
    tensors[TENSOR][0] = float("nan")


def infinite(tensors: dict) -> None:
    tensors[FRAME_TENSOR][0, 0] = float("inf")


def reshaped(tensors: dict) -> None:
    tensors[FRAME_TENSOR] = tensors[FRAME_TENSOR].T.contiguous()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (removed, f"{TENSOR} is missing"),
        (added, f"{TENSOR}2 is unknown"),
        (added_elsewhere, "optimiser.step is unknown"),
        (not_a_number, f"{TENSOR} is not finite"),
        (infinite, f"{FRAME_TENSOR} is not finite"),
        (reshaped, f"{FRAME_TENSOR} is "),
    ],
)
def test_tensors_must_be_exactly_those_of_the_networks(path, change, said):
    tensors, metadata = load_file(path), metadata_of(path)
    change(tensors)
    save_file(tensors, path, metadata)
    with pytest.raises(TcmrError, match=r"mine\.safetensors") as refusal:
        load_open_model(path)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_many_faults_are_told_shortly(path):
    save_file({"x": torch.zeros(1)}, path, metadata_of(path))
    with pytest.raises(TcmrError, match=r"is missing.* and \d+ more$") as refusal:
        load_open_model(path)
    assert len(str(refusal.value)) < 600


@pytest.mark.parametrize(
    "change",
    [
        {"format": "tcmr-open-0"},
        {"frame": "{"},
        {"frame": '{"unknown_size": 3}'},
        {"tcmr": '{"hidden_size": "wide"}'},
    ],
)
def test_another_format_is_refused(path, change):
    tensors, metadata = load_file(path), metadata_of(path)
    save_file(tensors, path, metadata | change)
    with pytest.raises(TcmrError, match=r"mine\.safetensors"):
        load_open_model(path)


def test_a_safetensors_file_of_others_is_refused(path):
    save_file({"weight": torch.zeros(2)}, path)
    with pytest.raises(TcmrError, match=r"mine\.safetensors holds no open TCMR weights"):
        load_open_model(path)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 1000])
def test_garbage_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(TcmrError, match=r"mine\.safetensors"):
        load_open_model(path)


def test_a_truncated_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(TcmrError, match=r"mine\.safetensors"):
        load_open_model(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TcmrError, match=r"gone\.safetensors"):
        load_open_model(tmp_path / "gone.safetensors")
    with pytest.raises(TcmrError, match="cannot read"):
        load_open_model(tmp_path)


def changed_copy(body: Path, vertices_m: float) -> Path:
    """Write the open body under another name, its template moved."""
    with as_file(files("tcmr.body") / "open_body.npz") as source, np.load(source) as arrays:
        np.savez(body, **{**arrays, "v_template": arrays["v_template"] + vertices_m})
    return body


@pytest.mark.parametrize("join", [predictor_of, frame_predictor_of])
def test_the_open_body_and_copies_of_it_are_the_only_ones(join, model, smpl_folder, tmp_path):
    assert join(model).body.name == "open"
    assert join(model, changed_copy(tmp_path / "mine.npz", 0.01)).body.name == "mine"
    with pytest.raises(
        TcmrError, match="untrained are for the open body, and mean nothing on SMPL_NEUTRAL; leave --body out"
    ):
        join(model, smpl_folder)
