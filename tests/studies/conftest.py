"""Material made of made-up clips: a folder as `tcmr synth` leaves it, with people to train and to test on."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import write_shard
from tcmr.studies.sources import Material


@pytest.fixture(scope="session")
def studio_folder(rendered_folder, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "rendered"
    shutil.copytree(rendered_folder / "train", folder / "train")
    shutil.copytree(rendered_folder / "val", folder / "test")
    return folder


@pytest.fixture(scope="session")
def filmed_folder(exact_clips, tmp_path_factory) -> Path:
    """Make the same of clips at 60 frames a second."""
    folder = tmp_path_factory.mktemp("studies") / "rendered60"
    for split, count, seed in (("train", 4, 1), ("test", 2, 2)):
        (folder / split).mkdir(parents=True)
        write_shard(folder / split / "shard_000.npz", replace(exact_clips(count, seed=seed), fps=60.0))
    return folder


@pytest.fixture(scope="session")
def material(studio_folder, filmed_folder, motion_file) -> Material:
    return Material.load(studio_folder, filmed_folder, motion_file, components=8)
