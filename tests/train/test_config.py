"""Training configurations: what they may say."""

from dataclasses import replace
from pathlib import Path

import pytest

from tcmr.errors import TcmrError
from tcmr.train.config import ABOVE_ZERO, TrainConfig
from tcmr.train.landmark_stage import LandmarkConfig
from tcmr.train.losses import LossWeights
from tcmr.train.settings import plain_settings

CONFIGS = Path(__file__).parents[2] / "configs"
LEAST = {
    "stage": '"static"',
    "run": '"runs/a"',
    "motion": '"motion.npz"',
    "rendered": '"rendered"',
    "steps": "10",
    "batch": "4",
    "learning_rate": "1e-3",
    "rendered_share": "0.25",
}


def written(path: Path, tables: str = "", **changes: str | None) -> Path:
    settings = {name: value for name, value in (LEAST | changes).items() if value is not None}
    path.write_text("\n".join(f"{name} = {value}" for name, value in settings.items()) + "\n" + tables)
    return path


def test_the_least_that_must_be_said(tmp_path):
    config = TrainConfig.load(written(tmp_path / "a.toml"))
    assert config.run == Path("runs/a")
    assert config.motion == Path("motion.npz")
    assert (config.steps, config.seed, config.loss) == (10, 0, LossWeights())


def test_tables_for_losses_and_networks(tmp_path):
    tables = "[loss]\nshape = 0.125\n[network]\nlayers = 3\n"
    config = TrainConfig.load(written(tmp_path / "a.toml", tables))
    assert config.loss == LossWeights(shape=0.125)
    assert config.network == {"layers": 3}


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("open_[st]*.toml")), ids=lambda path: path.stem)
def test_the_shipped_configurations_are_valid(path):
    assert TrainConfig.load(path).steps > 0


def test_the_shipped_stages_fit_together():
    static, temporal = (TrainConfig.load(CONFIGS / f"open_{stage}.toml") for stage in ("static", "temporal"))
    assert temporal.start_from == static.run / "weights.safetensors"


@pytest.mark.parametrize(
    ("tables", "changes", "said"),
    [
        ("", {"stpes": "5"}, "stpes"),
        ("[loss]\nshpae = 1.0\n", {}, r"loss\.shpae"),
        ("[network]\ndepth = 2\n", {}, r"network\.depth"),
        ("[network]\ntargets = 2\n", {}, r"network\.targets"),
        (
            "[network.tcmr]\nlayer = 2\n",
            {"stage": '"temporal"', "start_from": '"a"'},
            r"network\.tcmr\.layer",
        ),
        ("", {"stage": '"both"'}, "static, temporal"),
        ("", {"stage": None}, "static, temporal"),
        ("", {"batch": None}, "batch"),
        ("[", {}, "cannot read"),
        ("", {"steps": "0"}, "steps must be above 0"),
    ],
)
def test_what_is_unknown_missing_or_no_toml_is_refused_by_name(tmp_path, tables, changes, said):
    path = written(tmp_path / "mine.toml", tables, **changes)
    with pytest.raises(TcmrError, match=rf"mine\.toml.*{said}|{said}.*mine\.toml"):
        TrainConfig.load(path)


@pytest.mark.parametrize("name", ABOVE_ZERO)
@pytest.mark.parametrize("kind", [TrainConfig, LandmarkConfig])
def test_a_run_of_nothing_is_refused(tmp_path, kind, name):
    usual = {"run": tmp_path, "rendered": tmp_path, "steps": 10}
    if kind is TrainConfig:
        usual |= {"motion": tmp_path, "batch": 4, "learning_rate": 1e-3, "rendered_share": 0.5}
    config = kind(stage="static" if kind is TrainConfig else "landmarks", **usual)
    for number in (0, -5):
        with pytest.raises(TcmrError, match=f"{name} must be above 0, not {number}"):
            replace(config, **{name: type(getattr(config, name))(number)})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TcmrError, match=r"gone\.toml"):
        TrainConfig.load(tmp_path / "gone.toml")


def test_the_record_of_a_configuration_is_plain(tmp_path):
    config = TrainConfig.load(written(tmp_path / "a.toml"))
    plain = plain_settings(config)
    assert plain["run"] == "runs/a"
    assert plain["start_from"] is None
    assert plain["loss"]["joints"] == LossWeights().joints
