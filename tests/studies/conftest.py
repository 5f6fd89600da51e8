"""Material made of made-up clips: a folder as `tcmr synth` leaves it, with people to train and to test on."""

import shutil
from pathlib import Path

import pytest

from tcmr.studies.sources import Material


@pytest.fixture(scope="session")
def studio_folder(rendered_folder, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "rendered"
    shutil.copytree(rendered_folder / "train", folder / "train")
    shutil.copytree(rendered_folder / "val", folder / "test")
    return folder


@pytest.fixture(scope="session")
def material(studio_folder, motion_file) -> Material:
    return Material.load(studio_folder, studio_folder, motion_file, components=8)
