"""The paper track as its user runs it, on real frames with seeded tensors under the released names."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.body import load_body
from tcmr.cli import main
from tcmr.features.spin_crop import spin_crop
from tcmr.model.predictor import load_model
from tcmr.model.spin import load_spin
from tcmr.types import Motion
from tcmr.video import open_clip
from voc_folder import make_voc


@pytest.fixture(scope="module")
def options(narrow_checkpoint, smpl_folder, spin_checkpoint) -> list[str]:
    files = {"--weights": narrow_checkpoint, "--body": smpl_folder, "--spin": spin_checkpoint}
    return [str(word) for pair in files.items() for word in pair] + ["--max-people", "1"]


@pytest.fixture(scope="module")
def features(street, options, tmp_path_factory) -> dict[str, np.ndarray]:
    output = tmp_path_factory.mktemp("features")
    main(["features", str(street), "-o", str(output), *options])
    (file,) = (output / "street").iterdir()
    with np.load(file) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def result(street, options, tmp_path_factory) -> Path:
    output = tmp_path_factory.mktemp("results")
    main(["run", str(street), "-o", str(output), "--backbone", "spin", *options])
    return output / "street"


def test_features_are_spins_of_the_frames_crops(features, street, spin_checkpoint):
    """Every fourth frame by hand: cut out, through the plain network, one at a time."""
    backbone = load_spin(spin_checkpoint).backbone
    with open_clip(street) as clip:
        pictures = [frame.rgb for frame in clip]
    assert features["static"].shape == (12, 2048)
    for row in range(0, 12, 4):
        crop = spin_crop(pictures[features["frames"][row]], features["boxes"][row])
        expected = backbone(torch.from_numpy(crop).permute(2, 0, 1)[None])[0]
        np.testing.assert_allclose(features["static"][row], expected, atol=1e-5)


def test_occluders_are_pasted_over_the_crops(features, street, options, spin_checkpoint, tmp_path, refused):
    """The same crops, the same things again for the same seed, others for another, and not over landmarks."""

    def described(*words: str) -> np.ndarray:
        main(["features", str(street), "-o", str(tmp_path), *options, "--occluders", str(voc), *words])
        (file,) = (tmp_path / "street").iterdir()
        with np.load(file) as arrays:
            np.testing.assert_array_equal(arrays["boxes"], features["boxes"])
            return arrays["static"]

    voc = make_voc(tmp_path / "VOC2012")
    covered = described()
    assert np.abs(covered - features["static"]).max(1).min() > 1e-4
    np.testing.assert_array_equal(described("--seed", "0"), covered)
    assert np.abs(described("--seed", "1") - covered).max() > 1e-4
    said = refused("features", street, "-o", tmp_path, "--occluders", voc)
    assert "--backbone spin" in said


def test_a_run_is_its_features_through_the_checkpoint(result, features, narrow_checkpoint, smpl_folder):
    motion = Motion.load(result / "person-1.npz")
    predicted = load_model(narrow_checkpoint, smpl_folder).predict(features["static"])
    np.testing.assert_allclose(motion.betas, predicted.betas, atol=5e-5)
    np.testing.assert_allclose(motion.camera, predicted.camera, atol=5e-5)
    np.testing.assert_allclose(motion.attention, predicted.attention, atol=5e-5)
    np.testing.assert_allclose(motion.rotmat[:, 1:], predicted.rotmat[:, 1:], atol=5e-5)
    np.testing.assert_allclose(motion.boxes_xyxy_px, features["boxes"], atol=1e-3)


def test_the_body_stands_where_the_crop_shows_it(result, smpl_folder):
    """The released code's full-image camera, in pixels: middle of the box + half the box * s * (pelvis + t)."""
    told, motion = json.loads((result / "result.json").read_text()), Motion.load(result / "person-1.npz")
    focal, center = told["camera"]["focal_px"], np.array(told["camera"]["center_px"])
    seen = focal * motion.transl_m[:, :2] / motion.transl_m[:, 2:] + center
    pelvis = load_body(smpl_folder).with_shape(torch.from_numpy(motion.betas)).joints_m[:, 0].numpy()
    half = (motion.boxes_xyxy_px[:, 2:] - motion.boxes_xyxy_px[:, :2]) / 2
    middle = motion.boxes_xyxy_px[:, :2] + half
    expected = middle + half * motion.camera[:, :1] * (pelvis[:, :2] + motion.camera[:, 1:])
    np.testing.assert_allclose(seen, expected, atol=0.03 * half.max())  # the pelvis' own depth is left out


def test_the_run_says_what_it_used_and_where_its_time_went(result):
    told = json.loads((result / "result.json").read_text())
    assert told["weights"].startswith("narrow ")
    assert told["body"].startswith("SMPL_NEUTRAL ")
    assert told["seconds"]["features"] > 0
    assert {"detect", "landmarks", "features", "motion", "draw", "total"} <= told["seconds"].keys()
    assert (result / "overlay.mp4").is_file()


def test_a_missing_spin_is_one_clear_line(
    refused, street, narrow_checkpoint, smpl_folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("TCMR_CACHE", str(tmp_path / "empty"))
    said = refused(
        "run", street, "-o", tmp_path, "--weights", narrow_checkpoint, "--body", smpl_folder, "--no-overlay"
    )
    assert "--spin FILE" in said
    assert "tcmr assets add" in said
