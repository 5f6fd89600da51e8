"""From the released databases to figures, as a user goes: converted, trained on, tested."""

import json
from pathlib import Path

import numpy as np
import pytest

from released_files import MAKERS, mpii3d, threedpw, truth, write
from tcmr.cli import main
from tcmr.data.released.kinds import KindName
from tcmr.data.store import FeatureStore
from tcmr.train.paper_config import PaperConfig

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / "configs" / "paper").glob("*.toml"))
DOCS = (ROOT / "docs" / "databases.md").read_text()

# Stores of Table 4's 3DPW row -> released database.
STORES: dict[str, KindName] = {
    "insta_train": "insta",
    "3dpw_train_occ": "3dpw",
    "mpii3d_train_scale12_occ": "mpii3d",
    "h36m_train_25fps_occ": "h36m",
    "3dpw_val": "3dpw",
}
SMALL = """
steps_per_epoch = 2
log_every = 1
batch = 10
[network]
hidden_size = 8
layers = 1
regressor_size = 16
"""


@pytest.fixture(scope="module")
def converted(open_body, tmp_path_factory) -> Path:
    """Convert what the configuration names, each from a file of its released name."""
    folder = tmp_path_factory.mktemp("databases")
    for seed, (name, kind) in enumerate(STORES.items()):
        videos = truth(open_body, (36, 20), seed)
        arrays = threedpw(videos, tested=True) if name == "3dpw_val" else MAKERS[kind](videos)
        path = write(folder / "released" / f"{name}_db.{'h5' if kind == 'insta' else 'pt'}", arrays)
        main(["convert", "database", str(path), "--kind", kind, "-o", str(folder / "stores" / name)])
    return folder / "stores"


def test_the_papers_training_runs_on_converted_databases(converted, tmp_path, capsys):
    """Its network is made small; databases, labels, windows and losses are those of the shipped configuration."""
    shipped = (ROOT / "configs" / "paper" / "table4_3dpw.toml").read_text()
    lines = [line for line in shipped.splitlines() if not line.startswith("start_from")]
    config = tmp_path / "small.toml"
    config.write_text("\n".join(lines) + SMALL)
    run = tmp_path / "run"
    options = f"--run {run} --data {converted} --body open --epochs 1 --device cpu".split()
    main(["train", str(config), *options])
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["frames"] == 56
    record = json.loads((run / "record.json").read_text())
    frames = {name: about["frames"] for name, about in record["data"].items()}
    assert frames == dict.fromkeys([*STORES][:4], 56)
    first = json.loads((run / "log.jsonl").read_text().splitlines()[0])
    assert all(first[term] > 0 for term in ("keypoints", "joints", "pose", "shape"))


def test_a_converted_test_set_is_scored_beside_the_paper(
    open_body, narrow_checkpoint, smpl_folder, tmp_path, capsys
):
    path = write(tmp_path / "mpii3d_val_scale12_db.pt", mpii3d(truth(open_body), tested=True))
    store = tmp_path / "mpii3d_val_scale12"
    main(["convert", "database", str(path), "--kind", "mpii3d", "-o", str(store)])
    assert capsys.readouterr().out == (
        f"{path} written to {store}: 50 frames of 2 videos in 2 sequences, "
        "with static, keypoints, joints_m, valid\n"
    )
    weights = ["--weights", str(narrow_checkpoint), "--body", str(smpl_folder)]
    main(["evaluate", "--data", str(store), *weights, "--report", str(tmp_path / "report")])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(report["rows"]) == ["ours, as published", "ours, mended", "paper, Table 4", "paper, Table 6"]
    assert report["rows"]["ours, as published"]["frames"] == 50
    assert report["rows"]["paper, Table 4"]["pa_mpjpe_mm"] == 63.5
    assert str(store) in report["command"]
    assert {file.name for file in (tmp_path / "report").iterdir()} == {
        f"mpii3d_val_scale12.{suffix}" for suffix in ("md", "png", "json")
    }


def test_what_cannot_be_converted_or_scored_is_one_line(refused, open_body, converted, untrained, tmp_path):
    path = write(tmp_path / "db.pt", threedpw(truth(open_body)))
    store, converting = tmp_path / "store", ("convert", "database", path, "--kind")
    assert "is --kind right?" in refused(*converting, "h36m", "-o", store)
    assert not store.exists()
    scoring = ("evaluate", "--weights", untrained, "--data")
    assert "is not a feature store" in refused(*scoring, store)
    assert "must be [frames, 32]" in refused(*scoring, converted / "3dpw_val")


def test_a_training_subject_is_held_out(open_body, tmp_path, capsys):
    path = write(tmp_path / "db.pt", MAKERS["h36m"](truth(open_body)))
    main(["convert", "database", str(path), "--kind", "h36m", "--only", "s_01", "-o", str(tmp_path / "s1")])
    assert "20 frames of 1 videos" in capsys.readouterr().out
    assert FeatureStore.open(tmp_path / "s1").lengths.tolist() == [20]


def test_frames_without_a_box_are_told(open_body, tmp_path, capsys):
    arrays = MAKERS["penn_action"](truth(open_body))
    arrays["bbox"][:3, 2:] = np.array([0, 5])
    path = write(tmp_path / "db.pt", arrays)
    main(["convert", "database", str(path), "--kind", "penn_action", "-o", str(tmp_path / "penn")])
    assert "note: 3 frames have no box" in capsys.readouterr().out


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_documentation_has_a_command_for_every_store_that_a_configuration_names(path):
    config = PaperConfig.load(path)
    for name in (*config.train_2d, *config.train_3d, config.validation):
        assert f"-o data/stores/{name}\n" in DOCS, name
