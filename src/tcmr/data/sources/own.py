"""The user's own videos with SMPL labels: a folder with an .npz file for each person; docs/datasets.md has the keys."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32

from tcmr.arrays import read_npz
from tcmr.body.model import BodyModel
from tcmr.camera import PinholeCamera
from tcmr.data.released.keypoints import KEYPOINT_CROP_SCALE, in_boxes
from tcmr.data.sources.checks import ascending, entries, numbers
from tcmr.data.sources.labelled import LabelledClip, LabelledPerson, squares
from tcmr.errors import TcmrError
from tcmr.joints import SMPL_24, SPIN_49
from tcmr.rotations import rotmat_from_axis_angle

Array = np.ndarray
KEYS = ("video", "frames", "poses", "betas", "transl", "focal_px", "center_px")
BOX_SCALE = 1.1
BLOCK = 1024  # frames that are posed at once: many vertices each


def read_own(
    folder: Path, body: BodyModel, crop_scale: float = KEYPOINT_CROP_SCALE
) -> Iterator[LabelledClip]:
    """Read all label files below a folder, the people of a video together.

    People are cut out `crop_scale` times the box about their joints.

    Raises:
        TcmrError: there is none, or one lacks a key, is for another body, is not finite or out of order.
    """
    files = sorted(folder.rglob("*.npz"))
    if not files:
        raise TcmrError(f"{folder} holds no .npz files of labels; docs/datasets.md tells what they must hold")
    videos: dict[Path, list[LabelledPerson]] = {}
    for path in files:
        content = _arrays(path)
        video = _video(path, str(content["video"]))
        videos.setdefault(video, []).append(
            _person(path, path.relative_to(folder), content, body, crop_scale)
        )
    for video, people in videos.items():
        yield LabelledClip(str(video), video, tuple(people))


def _arrays(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = dict(read_npz(path))
    except (OSError, ValueError) as error:
        raise TcmrError(f"cannot read {path}: {error}") from error
    entries(content, KEYS, str(path))
    return content


def _video(path: Path, name: str) -> Path:
    try:
        return (path.parent / name).resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:  # not there, no name, links without end
        raise TcmrError(f"{path}: its video {name:.200} is not there") from error


def _person(
    path: Path, name: Path, content: dict[str, Any], body: BodyModel, crop_scale: float
) -> LabelledPerson:
    frames = ascending(content["frames"], f"{path}: frames")
    count = len(frames)
    _check_body(path, content, body)

    def tensor(key: str, *shape: int) -> torch.Tensor:
        return torch.from_numpy(numbers(content[key], shape, f"{path}: {key}")).float()

    betas = tensor("betas", *((10,) if np.ndim(content["betas"]) == 1 else (count, 10))).expand(count, 10)
    pose, transl = tensor("poses", count, 3 * len(SMPL_24)), tensor("transl", count, 3)
    focal, center = tensor("focal_px"), tensor("center_px", 2)
    rotmat = rotmat_from_axis_angle(pose.unflatten(1, (len(SMPL_24), 3)))
    joints = torch.cat(
        [
            body.with_shape(shape).with_pose_at(turned, place).joints(SPIN_49)
            for shape, turned, place in zip(
                betas.split(BLOCK), rotmat.split(BLOCK), transl.split(BLOCK), strict=True
            )
        ]
    )
    behind = np.flatnonzero((joints[..., 2] <= 0).any(1).numpy())
    if len(behind):
        raise TcmrError(f"{path}: in frame {frames[behind[0]]} the person stands behind the camera (transl)")
    camera = PinholeCamera(float(focal), (float(center[0]), float(center[1])))
    keypoints = np.concatenate([camera.project(joints).numpy(), np.ones((count, len(SPIN_49), 1))], -1)
    boxes = _boxes(keypoints)
    return LabelledPerson(
        name=name.with_suffix("").as_posix(),
        frames=frames,
        squares_xyxy_px=squares(boxes[:, :2], crop_scale * boxes[:, 2]),
        fields={
            "keypoints": in_boxes(keypoints, boxes).astype(np.float32),
            "joints_m": (joints - transl[:, None]).numpy(),
            "pose": pose.numpy(),
            "betas": betas.numpy(),
        },
    )


def _boxes(keypoints_px: Array) -> Float32[Array, "frames 4"]:
    """Put a square (middle x, y, width, height) about the keypoints of each frame."""
    low, high = keypoints_px[..., :2].min(1), keypoints_px[..., :2].max(1)
    side = BOX_SCALE * (high - low).max(1, keepdims=True)
    return np.concatenate([(low + high) / 2, side, side], 1).astype(np.float32)


def _check_body(path: Path, content: dict[str, Any], body: BodyModel) -> None:
    """Refuse labels that are for another body, where they say which."""
    named = str(content.get("body", ""))
    if named and named.rpartition(" ")[2] != body.sha256:
        raise TcmrError(
            f"{path}: its labels are for the body {named.partition(' ')[0]:.80}, not for {body.name}"
        )
