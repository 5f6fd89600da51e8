"""A training run of a minute's worth made of a second's: tiny networks, tiny batches, one thread."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tcmr.train.clips import TrainingClips
from tcmr.train.config import TrainConfig

ConfigMaker = Callable[..., TrainConfig]


@pytest.fixture
def config_of(tmp_path, motion_file, rendered_folder) -> ConfigMaker:
    """Return a maker of small static runs; each setting can be given."""

    def make(run: str = "run", **settings: Any) -> TrainConfig:
        usual = {
            "stage": "static",
            "motion": motion_file,
            "rendered": rendered_folder,
            "steps": 6,
            "batch": 6,
            "learning_rate": 2e-3,
            "rendered_share": 0.5,
            "warmup_steps": 2,
            "checkpoint_every": 2,
            "threads": 1,
            "network": {"feature_size": 12, "hidden_size": 16, "layers": 1, "regressor_size": 8},
        }
        return TrainConfig(run=tmp_path / run, **(usual | settings))

    return make


@pytest.fixture(scope="session")
def clips(motion_file, rendered_folder) -> TrainingClips:
    config = TrainConfig(
        "static",
        Path("run"),
        motion_file,
        rendered_folder,
        1,
        batch=6,
        learning_rate=1e-3,
        rendered_share=0.5,
    )
    return TrainingClips.load(config)
