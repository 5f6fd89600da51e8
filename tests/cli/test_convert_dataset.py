"""Raw databases, made up in their structure, to feature stores, and training on these, as a user does it."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from scipy.io import savemat

from data.sources.moving_people import three_dpw, write_pictures
from tcmr.body import load_body
from tcmr.cli import main
from tcmr.data.sources.mpii3d import CAMERAS, read_mpii3d
from tcmr.data.sources.own import read_own
from tcmr.data.sources.threedpw import read_3dpw
from tcmr.data.store import FeatureStore
from tcmr.features.spin_crop import spin_crop
from tcmr.model.spin import load_spin
from tcmr.video import open_clip
from voc_folder import make_voc

FRAMES = 18
CONFIG = """
stage = "paper"
run = "{run}"
data = "{data}"
body = "{body}"
train_2d = []
train_3d = ["3dpw_train"]
validation = "3dpw_test"
epochs = 1
steps_per_epoch = 2
batch = 2
stride = 1
device = "cpu"
threads = 1
[network]
hidden_size = 8
regressor_size = 16
"""


@pytest.fixture(scope="module")
def raw(tmp_path_factory, smpl_folder) -> Path:
    folder, smpl = tmp_path_factory.mktemp("3DPW"), load_body(smpl_folder)
    three_dpw(folder, smpl, "train", "courtyard_walk_00", FRAMES)
    three_dpw(folder, smpl, "test", "downtown_cafe_00", FRAMES)
    return folder


@pytest.fixture(scope="module")
def stores(raw, smpl_folder, spin_checkpoint, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("stores")
    for split in ("train", "test"):
        words = [
            "--split",
            split,
            "--body",
            smpl_folder,
            "--spin",
            spin_checkpoint,
            "-o",
            folder / f"3dpw_{split}",
        ]
        main(["convert", "dataset", str(raw), "--kind", "3dpw", *map(str, words)])
    return folder


def test_the_features_are_spins_of_the_squares(raw, stores, smpl_folder, spin_checkpoint):
    store = FeatureStore.open(stores / "3dpw_train")
    assert (store.database, store.lengths.tolist()) == ("3dpw", [FRAMES])
    assert set(store.columns) == {"static", "keypoints", "joints_m", "pose", "betas", "valid"}
    (clip,) = read_3dpw(raw, "train", load_body(smpl_folder))
    with open_clip(clip.pictures) as reader:
        pictures = [frame.rgb for frame in reader]
    backbone = load_spin(spin_checkpoint).backbone
    static = store.column("static").read(np.array([0]), FRAMES)[0]
    for row in (0, FRAMES - 1):
        crop = spin_crop(pictures[row], clip.people[0].squares_xyxy_px[row])
        expected = backbone(torch.from_numpy(crop).permute(2, 0, 1)[None])[0]
        np.testing.assert_allclose(static[row], expected, atol=1e-5)


def test_training_reads_the_stores(stores, smpl_folder, tmp_path, capsys):
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(run=tmp_path / "run", data=stores, body=smpl_folder))
    main(["train", str(config)])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert 0 < figures["pa_mpjpe_mm"] < 2000
    assert (tmp_path / "run" / "best.safetensors").is_file()


def test_occluders_change_the_features_and_nothing_else(raw, stores, smpl_folder, spin_checkpoint, tmp_path):
    words = ["--body", smpl_folder, "--spin", spin_checkpoint, "--occluders", make_voc(tmp_path / "VOC2012")]
    main(
        ["convert", "dataset", str(raw), "--kind", "3dpw", *map(str, words), "-o", str(tmp_path / "occluded")]
    )
    clear, covered = FeatureStore.open(stores / "3dpw_train"), FeatureStore.open(tmp_path / "occluded")
    whole = (np.array([0]), FRAMES)
    difference = covered.column("static").read(*whole) - clear.column("static").read(*whole)
    assert np.abs(difference).max(-1).min() > 1e-4
    np.testing.assert_array_equal(covered.column("pose").read(*whole), clear.column("pose").read(*whole))


def test_published_videos_are_read_as_they_are(spin_checkpoint, tmp_path):
    """MPI-INF-3DHP gives out .avi files: eight cameras, two frames each, the person in a corner of a small picture."""
    rng, cells = np.random.default_rng(0), {}
    for name, width, unit in (("annot2", 56, 40), ("annot3", 84, 1000)):
        cells[name] = np.empty((14, 1), object)
        cells[name][:, 0] = [unit * rng.random((2, width)) for _ in range(14)]
    sequence = tmp_path / "raw" / "S3" / "Seq1"
    (sequence / "imageSequence").mkdir(parents=True)
    savemat(sequence / "annot.mat", cells)
    for camera in CAMERAS:
        path = sequence / "imageSequence" / f"video_{camera}.avi"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
        for _ in range(2):
            writer.write(rng.integers(0, 255, (48, 64, 3), np.uint8))
        writer.release()
    words = ["--kind", "mpii3d", "--spin", spin_checkpoint, "-o", tmp_path / "store"]
    main(["convert", "dataset", str(tmp_path / "raw"), *map(str, words)])
    store = FeatureStore.open(tmp_path / "store")
    assert store.lengths.tolist() == [2] * len(CAMERAS)
    assert set(store.columns) == {"static", "keypoints", "joints_m"}
    with open_clip(sequence / "imageSequence" / "video_8.avi") as reader:
        last = [frame.rgb for frame in reader][-1]
    *_, clip = read_mpii3d(tmp_path / "raw", "train")
    crop = spin_crop(last, clip.people[0].squares_xyxy_px[-1])
    expected = load_spin(spin_checkpoint).backbone(torch.from_numpy(crop).permute(2, 0, 1)[None])[0]
    np.testing.assert_allclose(store.column("static").read(np.array([15]), 1)[0, 0], expected, atol=1e-5)


def test_own_labels_become_a_store(open_body, tmp_path, capsys):
    folder = tmp_path / "own"
    write_pictures(folder / "pictures", [f"{number}.jpg" for number in range(3)])
    np.savez(
        folder / "me.npz",
        video="pictures",
        frames=np.arange(3),
        poses=np.tile([np.pi, *[0.0] * 71], (3, 1)),
        betas=np.zeros(10),
        transl=np.tile([0, 0, 4.0], (3, 1)),
        focal_px=200.0,
        center_px=[80.0, 60.0],
        body=f"open {open_body.sha256}",
    )
    words = ["convert", "dataset", str(folder), "--kind", "own", "--features", "none"]
    main([*words, "-o", str(tmp_path / "store")])
    assert "3 frames in 1 sequences, with keypoints, joints_m, pose, betas" in capsys.readouterr().out
    assert FeatureStore.open(tmp_path / "store").database is None


def test_a_result_of_a_real_clip_becomes_labels(street, open_body, tmp_path):
    """As docs/datasets.md shows it; the labelled person is where the run saw them."""
    main(["run", str(street), "-o", str(tmp_path), "--no-overlay", "--max-people", "1"])
    (file,) = (tmp_path / "street").glob("person-*.npz")
    motion, camera = (
        dict(np.load(file)),
        json.loads((tmp_path / "street" / "result.json").read_text())["camera"],
    )
    (tmp_path / "labels").mkdir()
    labels = {key: motion[key] for key in ("frames", "poses", "betas", "transl", "body")}
    places = {"focal_px": camera["focal_px"], "center_px": camera["center_px"]}
    np.savez(tmp_path / "labels" / file.name, video=str(street), **places, **labels)
    main(
        [
            "convert",
            "dataset",
            str(tmp_path / "labels"),
            "--kind",
            "own",
            "--features",
            "none",
            "-o",
            str(tmp_path / "s"),
        ]
    )
    store = FeatureStore.open(tmp_path / "s")
    assert store.lengths.sum() == len(motion["frames"])
    ((person,),) = (clip.people for clip in read_own(tmp_path / "labels", open_body))
    seen, boxes = person.squares_xyxy_px, motion["boxes"]
    size = boxes[:, 2] - boxes[:, 0]
    middle = (seen[:, :2] + seen[:, 2:] - boxes[:, :2] - boxes[:, 2:]) / 2
    assert (np.abs(middle) < 0.15 * size[:, None]).all()
    np.testing.assert_allclose(seen[:, 2] - seen[:, 0], size, rtol=0.3)


def test_what_cannot_be_used_is_one_clear_line(raw, smpl_folder, spin_checkpoint, tmp_path, refused):
    words = ("convert", "dataset", raw, "-o", tmp_path / "s", "--kind")
    assert "--body" in refused(*words, "3dpw", "--features", "none")
    assert "train and test" in refused(*words, "mpii3d", "--split", "validation", "--features", "none")
    assert "as published" in refused(*words, "mpii3d", "--features", "none")
    said = refused(*words, "3dpw", "--body", smpl_folder, "--features", "none", "--occluders", tmp_path)
    assert "--occluders" in said
    moved = tmp_path / "moved"
    shutil.copytree(raw / "sequenceFiles", moved / "sequenceFiles")
    said = refused(
        "convert",
        "dataset",
        moved,
        "-o",
        tmp_path / "s",
        "--kind",
        "3dpw",
        "--body",
        smpl_folder,
        "--spin",
        spin_checkpoint,
    )
    assert "imageFiles/courtyard_walk_00; put them there" in said
    assert not (tmp_path / "s").exists()
