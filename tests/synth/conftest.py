"""A small file of "captured" motion whose every number is known."""

from pathlib import Path

import numpy as np
import pytest

from synth.brightness_reader import BrightnessReader
from tcmr.body import BodyModel
from tcmr.joints import SMPL_24, indices
from tcmr.synth.appearance import Anatomy
from tcmr.synth.clips import Studio
from tcmr.synth.motion import MotionCapture

LENGTH, LEG_M = 200, 0.8
SPEED_M, TURN = 0.02, 0.03  # a frame of the file (60 a second)


@pytest.fixture(scope="session")
def captured_file(tmp_path_factory) -> Path:
    """Write three segments, one a split: all walk along x and z and bend the left elbow evenly."""
    time = np.arange(LENGTH)
    pose = np.zeros((3 * LENGTH, 24, 3), np.float32)
    pose[:, indices(SMPL_24, "left_elbow")[0], 1] = np.tile(TURN * (time - LENGTH / 2), 3)
    pelvis = np.stack([SPEED_M * time, np.full(LENGTH, 0.9), 0.5 * SPEED_M * time], 1)
    path = tmp_path_factory.mktemp("motion") / "motion.npz"
    np.savez(
        path,
        pose=pose,
        pelvis=np.tile(pelvis, (3, 1)).astype(np.float32),
        start=LENGTH * np.arange(3),
        length=np.full(3, LENGTH),
        leg_length=np.full(3, LEG_M, np.float32),
        split=np.array(["train", "val", "test"]),
        name=np.array(["a_train", "a_val", "a_test"]),
        fps=np.float32(60),
    )
    return path


@pytest.fixture(scope="session")
def studio(open_body: BodyModel, captured_file: Path) -> Studio:
    return Studio(MotionCapture.load(captured_file), open_body, Anatomy.of(open_body), [], BrightnessReader())
