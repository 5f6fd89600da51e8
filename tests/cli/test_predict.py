import shutil
from pathlib import Path

import joblib
import numpy as np
import pytest
import torch
from torch import nn

from parity import synth
from tcmr.cli import main
from tcmr.model.checkpoint import load_checkpoint
from tcmr.model.predictor import load_model
from tcmr.model.windows import window_indices
from tcmr.types import Motion

FEATURE_SIZE = 32  # of the untrained weights


@pytest.fixture
def features(tmp_path):
    path = tmp_path / "features.npy"
    np.save(path, np.random.default_rng(0).random((20, FEATURE_SIZE), np.float32))
    return path


@pytest.mark.parametrize("edges", ["reflect", "static"])
def test_predict_gives_the_contracts_keys(features, untrained, tmp_path, edges):
    output = tmp_path / "new" / "motion.npz"
    main(
        [
            "predict",
            str(features),
            "-o",
            str(output),
            "--weights",
            str(untrained),
            "--edges",
            edges,
            "--fps",
            "25",
        ]
    )
    with np.load(output) as arrays:
        shapes = {
            "poses": (20, 72),
            "betas": (20, 10),
            "cam": (20, 3),
            "joints": (20, 24, 3),
            "rotmat": (20, 24, 3, 3),
            "attention": (20, 3),
        }
        for key, shape in shapes.items():
            assert (arrays[key].shape, arrays[key].dtype) == (shape, np.float32), key
        np.testing.assert_array_equal(arrays["frames"], np.arange(20))
        assert arrays["frames"].dtype == np.int64
        assert float(arrays["mocap_framerate"]) == 25
        assert not {"transl", "boxes"} & set(arrays)  # they need a video
    assert [path.name for path in output.parent.iterdir()] == ["motion.npz"]


def test_every_frame_of_a_clip_of_any_length_gets_an_output(untrained):
    model = load_model(untrained)
    static = np.random.default_rng(1).random((40, FEATURE_SIZE), np.float32)
    for count in range(1, 41):
        motion = model.predict(static[:count])
        assert len(motion) == len(motion.rotmat) == len(motion.betas) == count
        assert np.isfinite(motion.joints_m).all()


def test_features_of_another_size_are_refused(refused, untrained, tmp_path):
    np.save(tmp_path / "wrong.npy", np.zeros((5, FEATURE_SIZE + 1), np.float32))
    said = refused("predict", tmp_path / "wrong.npy", "-o", tmp_path / "out.npz", "--weights", untrained)
    assert str(FEATURE_SIZE) in said
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_files_that_are_no_arrays_are_refused(refused, untrained, tmp_path, content):
    (tmp_path / "bad.npy").write_bytes(content)
    said = refused("predict", tmp_path / "bad.npy", "-o", tmp_path / "out.npz", "--weights", untrained)
    assert "bad.npy" in said


def test_arrays_of_objects_are_refused(refused, untrained, tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    assert "objects.npy" in refused(
        "predict", tmp_path / "objects.npy", "-o", tmp_path / "o.npz", "--weights", untrained
    )


def test_missing_features_are_refused(refused, untrained, tmp_path):
    assert "none.npy" in refused("predict", "none.npy", "-o", tmp_path / "out.npz", "--weights", untrained)


def test_features_are_not_written_over(refused, untrained, features, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = features.read_bytes()
    said = refused("predict", features.name, "--weights", untrained, "-o", features)
    assert "written over itself" in said
    assert features.read_bytes() == before
    weights = Path(shutil.copy(untrained, tmp_path))
    assert "written over itself" in refused("predict", features, "--weights", weights, "-o", weights)
    assert weights.read_bytes() == untrained.read_bytes()
    assert "is a folder" in refused("predict", features, "--weights", untrained, "-o", ".")


def run(*args: object) -> None:
    main(["predict", *map(str, args)])


def by_stacked_windows(
    state: dict[str, torch.Tensor], windows: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give attention and integrated features the straightforward way: all windows stacked through nn.GRU."""

    def gru(name: str, inputs: torch.Tensor, **options: bool) -> torch.Tensor:
        tensors = {
            key.split(".")[-1]: value for key, value in state.items() if key.startswith(f"encoder.{name}.")
        }
        network = nn.GRU(inputs.shape[-1], tensors["weight_hh_l0"].shape[1], 2, batch_first=True, **options)
        network.load_state_dict(tensors)
        return network(inputs)[0].relu()

    def linear(name: str, inputs: torch.Tensor) -> torch.Tensor:
        return inputs @ state[f"encoder.{name}.weight"].T + state[f"encoder.{name}.bias"]

    past = linear("linear_bef", gru("gru_bef", windows[:, :8])[:, -1])
    current = linear("linear_cur", gru("gru_cur", windows, bidirectional=True)[:, 8])
    future = linear("linear_aft", gru("gru_aft", windows[:, 9:].flip(1))[:, -1])
    branches = torch.stack([past, current, future], 1)
    scores = linear("attention.fc", branches).flatten(1)
    for layer in (0, 2, 4):
        scores = linear(f"attention.attention.{layer}", scores).tanh()
    attention = scores.softmax(-1)
    return attention, (branches * attention[..., None]).sum(1)


@pytest.mark.parametrize("edges", ["static", "reflect"])
@pytest.mark.parametrize("frames", [1, 7, 15, 16, 17, 100])
@torch.no_grad()
def test_every_length_is_what_stacked_windows_give(
    narrow_state, narrow_checkpoint, smpl_folder, tmp_path, frames, edges
):
    static = synth.features(f"n{frames}", 1, frames)[0]
    np.save(tmp_path / "f.npy", static)
    weights = ("--weights", narrow_checkpoint, "--body", smpl_folder)
    run(tmp_path / "f.npy", *weights, "--edges", edges, "-o", tmp_path / "m.npz")
    motion = Motion.load(tmp_path / "m.npz")
    windows = torch.from_numpy(static)[window_indices(frames, edges=edges)]
    attention, integrated = by_stacked_windows(narrow_state, windows)
    estimate = load_checkpoint(narrow_checkpoint).tcmr.regressor(integrated)
    for found, expected in (
        (motion.attention, attention),
        (motion.rotmat, estimate.rotmat),
        (motion.betas, estimate.betas),
        (motion.camera, estimate.camera),
    ):
        np.testing.assert_allclose(found, expected, atol=2e-5, rtol=0)


def test_the_demos_pickle_says_frames_boxes_and_person(narrow_checkpoint, smpl_folder, tmp_path):
    """A gap in the frames parts the clip: no window crosses it."""
    static, frames = synth.features("demo", 1, 12)[0], np.array([4, 5, 6, 7, 8, 20, 21, 22, 23, 24, 25, 26])
    boxes = np.tile([50.0, 60, 20, 20], (12, 1))
    person = {"features": torch.from_numpy(static), "frame_ids": frames, "bboxes": boxes, "joints2d": None}
    joblib.dump({3: person, 5: person}, tmp_path / "tcmr_output.pkl")
    weights = ("--weights", narrow_checkpoint, "--body", smpl_folder)
    run(tmp_path / "tcmr_output.pkl", *weights, "--person", 3, "--fps", 25, "-o", tmp_path / "m.npz")
    motion = Motion.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(motion.frames, frames)
    np.testing.assert_array_equal(motion.boxes_xyxy_px[0], [40, 50, 60, 70])
    assert (motion.person, motion.fps) == (3, 25)
    model = load_model(narrow_checkpoint, smpl_folder)
    for part in (slice(0, 5), slice(5, 12)):
        np.testing.assert_allclose(motion.rotmat[part], model.predict(static[part]).rotmat, atol=1e-6)


def test_an_npz_keeps_its_frame_rate_unless_told(untrained, tmp_path):
    np.savez(tmp_path / "f.npz", static=np.ones((9, FEATURE_SIZE)), mocap_framerate=np.float64(50))
    for options, fps in (((), 50), (("--fps", 25), 25)):
        run(tmp_path / "f.npz", "--weights", untrained, *options, "-o", tmp_path / "m.npz")
        assert Motion.load(tmp_path / "m.npz").fps == fps


def test_a_checkpoint_without_a_regressor_tensor_is_refused_by_name(
    refused, narrow_state, smpl_folder, tmp_path
):
    state = {name: tensor for name, tensor in narrow_state.items() if name != "regressor.decpose.weight"}
    torch.save({"gen_state_dict": state}, tmp_path / "w.pth.tar")
    np.save(tmp_path / "f.npy", np.ones((3, 2048)))
    weights = ("--weights", tmp_path / "w.pth.tar", "--body", smpl_folder)
    said = refused("predict", tmp_path / "f.npy", *weights, "-o", tmp_path / "m.npz")
    assert "regressor.decpose.weight is missing" in said
    assert not (tmp_path / "m.npz").exists()


def test_authors_weights_ask_for_their_body(refused, narrow_checkpoint, tmp_path):
    np.save(tmp_path / "f.npy", np.ones((3, 2048)))
    said = refused("predict", tmp_path / "f.npy", "--weights", narrow_checkpoint, "-o", tmp_path / "m.npz")
    assert "--body FOLDER with SMPL_NEUTRAL.pkl" in said


def test_features_with_a_batch_axis_are_refused(refused, untrained, tmp_path):
    np.save(tmp_path / "f.npy", np.ones((1, 5, FEATURE_SIZE)))
    said = refused("predict", tmp_path / "f.npy", "--weights", untrained, "-o", tmp_path / "m.npz")
    assert f"must be [frames, size], of one person, not [1, 5, {FEATURE_SIZE}]" in said


def test_a_device_that_is_not_there_is_refused(refused, untrained, features, tmp_path):
    said = refused(
        "predict", features, "--weights", untrained, "--device", "nothing", "-o", tmp_path / "m.npz"
    )
    assert "'nothing' is not to be had" in said
