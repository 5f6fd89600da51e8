"""A person with a gap, in a camera's axes, and where the joints must be found again."""

from collections.abc import Callable
from importlib.resources import as_file, files

import numpy as np
import pytest
import torch
from body_models.smpl.torch import SMPL

from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Motion

collect_ignore = ["blender_joints.py"]  # runs inside Blender only

FPS = 25.0
FRAMES = np.array([*range(5, 25), *range(31, 41)])  # six are missing

MotionMaker = Callable[..., Motion]


@pytest.fixture(scope="session")
def motion_of(open_body) -> MotionMaker:
    """Return a maker of somebody who swings every joint, drifts before the camera and changes in shape."""

    def make(person: int = 1, frames: np.ndarray = FRAMES) -> Motion:
        rng = np.random.default_rng(person)
        time = frames[:, None, None] / FPS
        rate, phase = rng.uniform(0.5, 3, (24, 3)), rng.uniform(0, 6, (24, 3))
        turns = 0.4 * np.sin(rate * time + phase)
        turns[:, 0] += [3.0, 0.3 * person, 0.1]  # upright before a camera that has y down
        rotmat = rotmat_from_axis_angle(torch.from_numpy(turns)).float()
        betas = rng.normal(0, 1, 10) + rng.normal(0, 0.1, (len(frames), 10))
        posed = open_body.with_shape(torch.from_numpy(betas).float()).with_pose(rotmat)
        return Motion(
            rotmat=rotmat.numpy(),
            betas=betas.astype(np.float32),
            camera=np.ones((len(frames), 3), np.float32),
            joints_m=(posed.joints_m - posed.joints_m[:, :1]).numpy(),
            attention=np.full((len(frames), 3), 1 / 3, np.float32),
            frames=frames,
            fps=FPS,
            body=f"{open_body.name} {open_body.sha256}",
            weights="none 0",
            person=person,
            transl_m=(np.array([0.5 * person, -0.2, 4]) + 0.01 * frames[:, None]).astype(np.float32),
        )

    return make


@pytest.fixture(scope="session")
def motion(motion_of) -> Motion:
    return motion_of()


@pytest.fixture(scope="session")
def expected(open_body) -> Callable[..., np.ndarray]:
    """Return a function that says where a motion's joints are in the seen frames: y up, one shape."""

    def joints_m(motion: Motion, betas: np.ndarray | None = None) -> np.ndarray:
        betas = np.median(motion.betas, 0, keepdims=True) if betas is None else betas
        posed = open_body.with_shape(torch.from_numpy(betas)).with_pose(torch.from_numpy(motion.rotmat))
        relative = (posed.joints_m - posed.joints_m[:, :1]).numpy()
        return (relative + motion.transl_m[:, None]) * [1, -1, -1]

    return joints_m


@pytest.fixture(scope="session")
def seen_rows() -> np.ndarray:
    """Return the rows of a file in which the person of `motion` was seen."""
    return FRAMES - FRAMES[0]


@pytest.fixture(scope="session")
def library() -> SMPL:
    """Open the body with the body-models library."""
    with as_file(files("tcmr.body") / "open_body.npz") as path:
        return SMPL(model_path=path)
