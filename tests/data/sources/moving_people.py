"""People who move before a moving camera, and pictures of them: what raw databases are made up of in tests."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from conftest import smooth_axis_angle
from data.sources.python2 import write_python2_pickle
from parity import synth
from tcmr.body import BodyModel
from tcmr.joints import SPIN_49, THREEDPW_18
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.synth.jpeg import encode_jpeg

WIDTH, HEIGHT, FOCAL_PX = 160, 120, 180.0
# Where 3DPW's 18 are in SPIN's 49: OpenPose's block, whose names come first.
OPENPOSE = [SPIN_49.index(name.removesuffix("_lsp")) for name in THREEDPW_18]


@dataclass(frozen=True)
class Person:
    """Pose, shape and joints in the world and in the camera; 2D joints in the picture."""

    pose: np.ndarray
    betas: np.ndarray
    joints_in_camera_m: np.ndarray
    keypoints_px: np.ndarray


def camera_poses(frames: int) -> np.ndarray:
    """Return 4x4 matrices from the world (z up) to a camera that turns slowly."""
    poses = np.tile(np.eye(4), (frames, 1, 1))
    upright = Rotation.from_euler("x", 90, degrees=True)
    turns = Rotation.from_euler("y", np.linspace(0, 20, frames)[:, None], degrees=True)
    poses[:, :3, :3] = (turns * upright).as_matrix()
    poses[:, :3, 3] = [0.1, 0.2, 0.3]
    return poses


def person(body: BodyModel, frames: int, seed: int) -> Person:
    """Make a person, upright in the world (z up); 2D joints as a camera four metres away sees them."""
    pose = smooth_axis_angle(frames, seed)
    pose[:, 0] = torch.tensor([np.pi / 2, 0.1, 0.2 * seed])
    betas = np.random.default_rng(seed).normal(0, 0.5, 10)
    rotmat = rotmat_from_axis_angle(pose)
    rotmat[:, 0] = torch.from_numpy(camera_poses(frames)[:, :3, :3]).float() @ rotmat[:, 0]
    joints = body.with_shape(torch.from_numpy(betas).float()).with_pose(rotmat).joints(SPIN_49).numpy()
    placed = joints - joints[:, [SPIN_49.index("pelvis")]] + [0.3 * seed, 0, 4]
    xy = FOCAL_PX * placed[..., :2] / placed[..., 2:] + [WIDTH / 2, HEIGHT / 2]
    return Person(pose.flatten(1).numpy().astype(np.float64), betas, joints, xy)


def write_pictures(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(encode_jpeg(synth.image_u8(f"{folder.name}/{name}", HEIGHT, WIDTH, 16)))


def three_dpw(folder: Path, body: BodyModel, split: str, sequence: str, frames: int, people: int = 1) -> Path:
    """Write a sequence as 3DPW's; its pickle's keys are all those that are published."""
    persons = [person(body, frames, seed) for seed in range(people)]
    poses2d = [
        np.concatenate([each.keypoints_px[:, OPENPOSE], np.full((frames, 18, 1), 0.9)], -1).transpose(0, 2, 1)
        for each in persons
    ]
    path = folder / "sequenceFiles" / split / f"{sequence}.pkl"
    write_python2_pickle(
        path,
        {
            "poses": [each.pose for each in persons],
            "betas": [np.concatenate([each.betas, np.zeros(290)]) for each in persons],
            "trans": [np.zeros((frames, 3)) for _ in persons],
            "poses_60Hz": [np.repeat(each.pose, 2, 0) for each in persons],
            "trans_60Hz": [np.zeros((2 * frames, 3)) for _ in persons],
            "betas_clothed": [each.betas for each in persons],
            "v_template_clothed": [np.zeros((6890, 3)) for _ in persons],
            "gender": None,
            "genders": ["f", "m"][:people],
            "texture_maps": [],
            "sequence": sequence,
            "img_frame_ids": np.arange(0, 2 * frames, 2),
            "poses2d": poses2d,
            "jointPositions": [np.zeros((frames, 72)) for _ in persons],
            "cam_poses": camera_poses(frames),
            "cam_intrinsics": np.array([[FOCAL_PX, 0, WIDTH / 2], [0, FOCAL_PX, HEIGHT / 2], [0, 0, 1.0]]),
            "campose_valid": [np.arange(frames) % 5 != 4 for _ in persons],
        },
    )
    write_pictures(folder / "imageFiles" / sequence, [f"image_{number:05d}.jpg" for number in range(frames)])
    return path
