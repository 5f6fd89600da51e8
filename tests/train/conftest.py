"""A training run of a minute's worth made of a second's: tiny networks, tiny batches, one thread."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import write_shard
from tcmr.synth.jpeg import encode_jpeg
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
        stage="static",
        run=Path("run"),
        motion=motion_file,
        rendered=rendered_folder,
        steps=1,
        batch=6,
        learning_rate=1e-3,
        rendered_share=0.5,
    )
    return TrainingClips.load(config)


@pytest.fixture(scope="session")
def picture_folder(tmp_path_factory, exact_clips) -> Path:
    """Make a folder as `tcmr synth --pictures` leaves it; the pictures show noise."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for split, count, seed in (("train", 2, 1), ("val", 1, 2)):
        (folder / split).mkdir()
        clips = exact_clips(count, frames=2, seed=seed)
        files = [encode_jpeg(rng.integers(255, size=(240, 320, 3), dtype=np.uint8)) for _ in range(2 * count)]
        write_shard(
            folder / split / "shard_000.npz",
            clips,
            presence=clips.visibility,
            region=np.full((count, 2, 4), 200.0, np.float32),
            jpeg=np.frombuffer(b"".join(files), np.uint8),
            jpeg_end=np.cumsum([len(file) for file in files]).reshape(count, 2),
        )
    return folder
