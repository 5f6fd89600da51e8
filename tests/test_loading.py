"""Which models a run gets, and what is said where they do not fit."""

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.errors import TcmrError
from tcmr.features.backbone import LandmarkBackbone
from tcmr.features.spin_backbone import SpinBackbone
from tcmr.files import file_sha256
from tcmr.loading import SPIN_FILE, Models, Observers
from tcmr.model.per_frame import FramePredictor
from tcmr.model.spin import load_spin
from tcmr.options import Options
from tcmr.types import Region


@pytest.fixture
def paper(narrow_checkpoint, smpl_folder) -> dict[str, str]:
    """Return the options that name an authors' checkpoint and its body."""
    return {"weights": str(narrow_checkpoint), "body": str(smpl_folder)}


def test_the_weights_decide_which_features_there_are(paper, spin_checkpoint, untrained):
    models = Models.load(Options(**paper, spin=str(spin_checkpoint)))
    assert isinstance(models.backbone, SpinBackbone)
    assert models.predictor.weights.startswith("narrow ")
    assert models.body.name == "SMPL_NEUTRAL"
    assert isinstance(Models.load(Options(weights=str(untrained))).backbone, LandmarkBackbone)


def test_without_tcmr_the_regressor_is_that_of_the_features(paper, spin_checkpoint, untrained):
    of_spin = Models.load(Options(**paper, spin=str(spin_checkpoint), temporal="off"))
    assert isinstance(of_spin.predictor, FramePredictor)
    assert of_spin.predictor.weights.startswith("spin_model_checkpoint-per-frame ")
    assert of_spin.described_by == f"spin_model_checkpoint {file_sha256(spin_checkpoint)}"
    torch.testing.assert_close(
        of_spin.predictor.regressor.state_dict(), load_spin(spin_checkpoint).regressor.state_dict()
    )
    own = Models.load(Options(weights=str(untrained), temporal="off"))
    assert own.predictor.weights == f"untrained-per-frame {file_sha256(untrained)}"
    assert own.described_by == f"untrained {file_sha256(untrained)}"


def test_without_a_name_spin_is_looked_for_beside_the_body(paper, spin_checkpoint, smpl_folder, tmp_path):
    folder = shutil.copytree(smpl_folder, tmp_path / "base_data")
    shutil.copyfile(spin_checkpoint, folder / SPIN_FILE)
    for body in (folder, folder / "SMPL_NEUTRAL.pkl"):
        models = Models.load(Options(**{**paper, "body": str(body)}))
        assert isinstance(models.backbone, SpinBackbone)


def test_a_missing_spin_is_told_with_the_ways_to_give_it(paper, tmp_path, monkeypatch):
    monkeypatch.setenv("TCMR_CACHE", str(tmp_path))
    with pytest.raises(TcmrError, match=r"--spin FILE.*tcmr assets add"):
        Models.load(Options(**paper))
    with pytest.raises(TcmrError, match=r"gone\.pth\.tar"):
        Models.load(Options(**paper, spin=str(tmp_path / "gone.pth.tar")))


def test_weights_and_features_must_fit(paper, spin_checkpoint):
    with pytest.raises(TcmrError, match=r"open were not trained on SPIN's features.*--weights CHECKPOINT"):
        Models.load(Options(backbone="spin", spin=str(spin_checkpoint)))
    with pytest.raises(TcmrError, match=r"narrow\.pth\.tar were trained on SPIN's features.*--backbone spin"):
        Models.load(Options(**paper, backbone="landmarks"))


def test_features_alone_need_neither_weights_nor_body(spin_checkpoint):
    observers = Observers.load(Options(backbone="spin", spin=str(spin_checkpoint)))
    assert isinstance(observers.backbone, SpinBackbone)


def test_landmark_features_need_the_weights_only(untrained):
    observers = Observers.load(Options(weights=str(untrained), body=str(Path("not to be looked at"))))
    assert isinstance(observers.backbone, LandmarkBackbone)


def test_a_spin_that_is_not_used_is_refused(spin_checkpoint, untrained):
    for load in (Models.load, Observers.load):
        with pytest.raises(
            TcmrError, match=r"--spin .*spin_model_checkpoint\.pth\.tar is not used.*landmarks"
        ):
            load(Options(weights=str(untrained), spin=str(spin_checkpoint)))


def test_of_the_open_body_no_folder_is_looked_into(spin_checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("TCMR_CACHE", str(tmp_path / "empty"))
    shutil.copyfile(spin_checkpoint, tmp_path / SPIN_FILE)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TcmrError, match="--spin FILE"):
        Observers.load(Options(backbone="spin"))


def test_with_one_thread_landmarks_are_read_where_they_are_asked_for(untrained):
    def readers() -> set[threading.Thread]:
        named = (thread for thread in threading.enumerate() if thread.name.startswith("tcmr-read"))
        return {thread for thread in named if thread.is_alive()}

    options, region = Options(weights=str(untrained)), Region((32.0, 32.0), 64.0, 0.0)
    rgb = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    before = readers()
    alone = Models.load(options, threads=1).landmarker(rgb, region)
    assert not readers() - before
    as_shipped = Models.load(options).landmarker(rgb, region)
    assert readers() - before
    np.testing.assert_array_equal(alone.xy_px, as_shipped.xy_px)
