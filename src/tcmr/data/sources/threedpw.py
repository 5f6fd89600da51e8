"""3DPW as published: sequenceFiles/{train,validation,test}/*.pkl and imageFiles/<sequence>/image_00000.jpg.

Frames, squares and labels are those of the released code: people are posed on the neutral body whatever their
gender, the joints of train are SPIN's 49, those of validation and test the H36M regressor's 14.
Source: T. von Marcard et al., "Recovering Accurate 3D Human Pose in the Wild", ECCV 2018; the released code,
lib/data_utils/threedpw_utils.py.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, Float32
from scipy.ndimage import gaussian_filter1d, median_filter

from tcmr.body.model import BodyModel
from tcmr.data.released.keypoints import in_boxes, placed
from tcmr.data.sources.checks import ascending, entries, numbers
from tcmr.data.sources.labelled import LabelledClip, LabelledPerson, squares
from tcmr.errors import TcmrError
from tcmr.joints import H36M_14, SMPL_24, SPIN_49, SPIN_49_COMMON_14, SPIN_49_LIMBS_12, THREEDPW_18, indices
from tcmr.pickles.read import read_pickle
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle

Array = np.ndarray
Split = Literal["train", "validation", "test"]
KEYS_OF_PEOPLE = ("poses", "betas", "poses2d", "campose_valid")
KEYS = (*KEYS_OF_PEOPLE, "cam_poses", "img_frame_ids")
SURE, MOST_UNSEEN = 0.3, 6
# The 12 of the common 14 that are in the 2D poses.
LIMBS = tuple(SPIN_49[place] for place in SPIN_49_LIMBS_12)
# A square's side is this many times the diagonal of the sure 2D joints' extent.
BOX_SCALE, CROP_SCALE = 1.1, 1.3
MEDIAN_FRAMES, SMOOTHING_FRAMES = 11, 8


def read_3dpw(
    folder: Path, split: Split, smpl: BodyModel, crop_scale: float = CROP_SCALE
) -> Iterator[LabelledClip]:
    """Read the sequences of a split, one after the other; people are cut out `crop_scale` times their box.

    Raises:
        TcmrError: the folder is not 3DPW's, or a file of it is damaged or not as published; the message names it.
    """
    files = sorted((folder / "sequenceFiles" / split).glob("*.pkl"))
    if not files:
        raise TcmrError(
            f"{folder} holds no sequenceFiles/{split}/*.pkl: it must be 3DPW's folder as published"
        )
    for path in files:
        content = read_pickle(path)
        entries(content, KEYS, str(path))
        yield LabelledClip(
            path.stem,
            folder / "imageFiles" / path.stem,
            tuple(
                person
                for number in range(_people(path, content))
                if (person := _person(path, content, number, split, smpl, crop_scale)) is not None
            ),
        )


def _people(path: Path, content: dict[str, Any]) -> int:
    """Return how many people are labelled."""
    for key in KEYS_OF_PEOPLE:
        listed = content[key]
        if not isinstance(listed, list | tuple) and not (isinstance(listed, Array) and listed.ndim):
            raise TcmrError(f"{path}: {key} must be a list of persons")
        if len(listed) < len(content["poses"]):
            raise TcmrError(f"{path}: {key} has {len(listed)} persons, poses {len(content['poses'])}")
    return len(content["poses"])


def _person(
    path: Path, content: dict[str, Any], number: int, split: Split, smpl: BodyModel, crop_scale: float
) -> LabelledPerson | None:
    """Return a person's labels; None where the person is never seen well enough."""
    frames = len(ascending(content["img_frame_ids"], f"{path}: img_frame_ids"))

    def of_person(key: str, *shape: int | None) -> Array:
        return numbers(content[key][number], shape, f"{path}: {key} of person {number}")

    pose = torch.from_numpy(of_person("poses", frames, 72)).float().unflatten(1, (len(SMPL_24), 3))
    shape = torch.from_numpy(of_person("betas", None)[:10]).float()
    keypoints = of_person("poses2d", frames, 3, len(THREEDPW_18)).transpose(0, 2, 1)
    valid = of_person("campose_valid", frames)
    to_camera = numbers(content["cam_poses"], (frames, 4, 4), f"{path}: cam_poses")[:, :3, :3]
    if len(shape) < 10:
        raise TcmrError(f"{path}: betas of person {number} must have 10 numbers, has {len(shape)}")
    first, boxes = tracked_boxes(keypoints)
    seen = keypoints[:, indices(THREEDPW_18, LIMBS)]
    seen[..., 2] = seen[..., 2] > SURE
    enough = seen[first : first + len(boxes), :, 2].sum(1) > MOST_UNSEEN
    if not enough.any():
        return None
    rows = first + np.flatnonzero(enough)
    boxes = boxes[enough]
    rotmat = rotmat_from_axis_angle(pose[rows])
    rotmat[:, 0] = torch.from_numpy(to_camera[rows]).float() @ rotmat[:, 0]
    posed = smpl.with_shape(shape).with_pose(rotmat)
    joints = (
        posed.joints(SPIN_49).numpy()
        if split == "train"
        else placed(posed.joints(H36M_14).numpy(), SPIN_49_COMMON_14)
    )
    return LabelledPerson(
        name=f"{path.stem}_{number}",
        frames=rows,
        squares_xyxy_px=squares(boxes[:, :2], crop_scale * boxes[:, 2]),
        fields={
            "keypoints": placed(in_boxes(seen[rows], boxes), SPIN_49_LIMBS_12),
            "joints_m": joints,
            "pose": axis_angle_from_rotmat(rotmat).flatten(1).numpy(),
            "betas": shape.expand(len(rows), -1).numpy(),
            "valid": valid[rows].astype(np.float32),
        },
    )


def tracked_boxes(
    keypoints_px: Float[Array, "frames joints 3"],
) -> tuple[int, Float32[Array, "tracked 4"]]:
    """Put a square (middle x, y, width, height) about the sure keypoints of each frame, smoothly in time.

    From the first frame with sure keypoints to the last; between those that have none, straight lines. Returns the
    first frame, and the squares. Source: released code, lib/utils/smooth_bbox.py.
    """
    sure = keypoints_px[..., 2:] > SURE
    low = np.where(sure, keypoints_px[..., :2], np.inf).min(1)
    high = np.where(sure, keypoints_px[..., :2], -np.inf).max(1)
    seen = np.flatnonzero(sure.any((1, 2)))
    low, high = low[seen], high[seen]
    # A person on one spot has no size.
    diagonal = np.linalg.norm(high - low, axis=1)
    seen, low, high, diagonal = (rows[diagonal >= 0.5] for rows in (seen, low, high, diagonal))
    if len(seen) == 0:
        return 0, np.zeros((0, 4), np.float32)
    moments = np.arange(seen[0], seen[-1] + 1)
    course = np.stack(
        [np.interp(moments, seen, each) for each in (*((low + high) / 2).T, 1 / diagonal)], axis=1
    )
    # As published, zeros stand beyond the ends; where they would outnumber the frames, the ends are held.
    beyond: Literal["constant", "nearest"] = "constant" if len(course) >= MEDIAN_FRAMES else "nearest"
    steady = median_filter(course, (MEDIAN_FRAMES, 1), mode=beyond)
    smooth = gaussian_filter1d(steady, SMOOTHING_FRAMES, axis=0)
    side = BOX_SCALE / smooth[:, 2:]
    return int(seen[0]), np.concatenate([smooth[:, :2], side, side], 1).astype(np.float32)
