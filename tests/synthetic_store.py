"""Feature stores made up for tests: smooth motion of a body, static features that tell of it, exact labels."""

from pathlib import Path

import numpy as np
import torch

from conftest import smooth_axis_angle
from tcmr.body import BodyModel
from tcmr.camera import project_in_crop
from tcmr.data.store import FeatureStore, StoreWriter
from tcmr.joints import SPIN_49
from tcmr.rotations import rotmat_from_axis_angle

ALL_FIELDS = ("static", "keypoints", "joints_m", "pose", "betas", "valid")
ONLY_2D = ("static", "keypoints")
TURN_UPRIGHT = torch.tensor([3.0, 0.2, 0.1])


def sequence(body: BodyModel, frames: int, seed: int, feature_size: int) -> dict[str, np.ndarray]:
    """Make the fields of one sequence; the static feature is a fixed random map of the pose, with noise."""
    pose = smooth_axis_angle(frames, seed)
    pose[:, 0] += TURN_UPRIGHT
    rng = torch.Generator().manual_seed(seed)
    betas = torch.randn(1, 10, generator=rng).expand(frames, 10)
    joints = body.with_shape(betas).with_pose(rotmat_from_axis_angle(pose)).joints(SPIN_49)
    keypoints = project_in_crop(joints, torch.tensor([0.9, 0.0, 0.0]).expand(frames, 3))
    mixing = torch.randn(82, feature_size, generator=torch.Generator().manual_seed(0)) / 9
    told = torch.cat([pose.flatten(1), betas], 1) @ mixing
    return {
        "static": (told + 0.05 * torch.randn(told.shape, generator=rng)).relu().numpy(),
        "keypoints": torch.cat([keypoints, torch.ones(frames, 49, 1)], -1).numpy(),
        "joints_m": joints.numpy(),
        "pose": pose.flatten(1).numpy(),
        "betas": betas.numpy(),
        "valid": np.ones(frames, np.float32),
    }


def write_store(
    path: Path,
    body: BodyModel,
    lengths: tuple[int, ...] = (40, 24),
    fields: tuple[str, ...] = ALL_FIELDS,
    feature_size: int = 24,
    seed: int = 0,
) -> FeatureStore:
    """Write a store of a few sequences."""
    writer = StoreWriter(path, path.name, fields, feature_size)
    for number, frames in enumerate(lengths):
        made = sequence(body, frames, 1000 * seed + number, feature_size)
        writer.add(np.arange(frames), **{name: made[name] for name in fields})
    return writer.close()
