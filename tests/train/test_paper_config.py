"""Configurations of runs as in the paper: those shipped, and what is refused."""

from pathlib import Path

import pytest

from tcmr.errors import TcmrError
from tcmr.model.tcmr import TCMRConfig
from tcmr.train.paper_config import PaperConfig
from tcmr.train.paper_losses import PaperLossWeights
from tcmr.train.settings import plain_settings

FOLDER = Path(__file__).parents[2] / "configs" / "paper"
LEAST = """
stage = "paper"
run = "runs/a"
data = "stores"
body = "open"
train_2d = ["flat"]
train_3d = ["full"]
validation = "held_out"
epochs = 2
"""


def load(folder: Path, more: str = "", text: str = LEAST) -> PaperConfig:
    (folder / "mine.toml").write_text(text + more)
    return PaperConfig.load(folder / "mine.toml")


def test_what_is_not_said_is_the_papers(tmp_path):
    config = load(tmp_path)
    assert (config.batch, config.batch_2d, config.steps_per_epoch) == (32, 19, 500)
    assert (config.learning_rate, config.weight_decay, config.patience) == (5e-5, 0.0, 5)
    assert config.loss == PaperLossWeights(300.0, 300.0, 60.0, 0.06)
    assert config.adversarial is None
    assert config.network == TCMRConfig()


def test_without_2d_databases_the_whole_batch_is_3d(tmp_path):
    assert load(tmp_path, text=LEAST.replace('["flat"]', "[]")).batch_2d == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('without_body = ["flat"]\n', "without_body names flat"),
        ("share_2d = 1.0\n", "share_2d must be"),
        ("devices = 0\n", "devices must be above 0"),
        ("learning_rate = 0.0\n", "learning_rate must be above 0"),
        ("steps_per_epoch = -1\n", "steps_per_epoch must be above 0"),
        ("devices = 3\n", "cannot be shared equally by 3"),
        ('[adversarial]\nmotion = "amass"\nclips = 3\n', None),
        ('devices = 2\n[adversarial]\nmotion = "amass"\nclips = 3\n', "cannot be shared equally by 2"),
        ("[ablation]\nresiduum = true\n", r"ablation\.residuum"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, more, said):
    if said is None:
        assert load(tmp_path, more).adversarial is not None
        return
    with pytest.raises(TcmrError, match=said):
        load(tmp_path, more)


def test_the_record_is_plain(tmp_path):
    plain = plain_settings(load(tmp_path))
    assert plain["run"] == "runs/a"
    assert plain["train_2d"] == ["flat"]
    assert plain["loss"]["pose"] == 60.0


SHIPPED = {path.stem: PaperConfig.load(path) for path in sorted(FOLDER.glob("*.toml"))}


def test_every_row_of_the_tables_has_its_file():
    assert set(SHIPPED) == {
        "table1_residual",
        "table1_residual_poseforecast",
        "table1_no_residual",
        "table1_no_residual_poseforecast",
        "table2_target_hidden",
        "table2_target_fed",
        "table4_3dpw",
        "table4_mpii3d_h36m",
        "table6_3dpw",
        "table6_mpii3d",
        "table6_h36m",
        "table6_h36m_clean",
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_runs_are_the_papers_but_for_what_they_are_about(name):
    config = SHIPPED[name]
    assert config.run == Path("runs") / f"paper_{name}"
    assert config.loss == PaperLossWeights()
    assert config.network == TCMRConfig()
    assert config.adversarial is None
    assert (config.batch, config.share_2d, config.steps_per_epoch) == (32, 0.6, 500)
    assert config.across_gaps == (not name.endswith("clean"))
    assert config.epochs in (30, 45)
    assert config.start_from is not None
    assert ("3dpw_train" in " ".join(config.train_3d)) == (not name.startswith("table6"))


def test_the_ablations_differ_in_nothing_else():
    rows = [SHIPPED[name] for name in SHIPPED if name[:6] in ("table1", "table2")]
    assert len({(row.train_2d, row.train_3d, row.stride, row.epochs, row.validation) for row in rows}) == 1
    ablations = {
        name: (config.ablation.residual, config.ablation.forecast, config.ablation.forecast_sees_target)
        for name, config in SHIPPED.items()
    }
    assert ablations["table1_residual"] == (True, False, False)
    assert ablations["table1_residual_poseforecast"] == (True, True, False)
    assert ablations["table1_no_residual"] == (False, False, False)
    assert ablations["table1_no_residual_poseforecast"] == (False, True, False)
    assert ablations["table2_target_fed"] == (False, True, True)
    assert {ablations[name] for name in ablations if name[:6] in ("table4", "table6")} == {
        (False, True, False)
    }


def test_only_the_human36m_row_of_table_6_is_chosen_on_its_test_set():
    assert [name for name, config in SHIPPED.items() if config.validation_is_test] == ["table6_h36m"]
