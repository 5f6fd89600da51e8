"""Made-up databases of the exact structure that the released scripts write, with the truth that is in them."""

from collections.abc import Callable
from pathlib import Path

import h5py
import joblib
import numpy as np

from synthetic_store import sequence
from tcmr.body import BodyModel
from tcmr.data.released.kinds import FEATURE_SIZE, KindName
from tcmr.joints import INSTA_25, SPIN_49, SPIN_49_COMMON_14, SPIN_49_MPII3D_17, indices

Arrays = dict[str, np.ndarray]
COMMON = list(SPIN_49_COMMON_14)
LENGTHS = (30, 20)
INSTA = indices(SPIN_49, INSTA_25)


def truth(body: BodyModel, lengths: tuple[int, ...] = LENGTHS, seed: int = 0) -> list[Arrays]:
    """Make each video's fields, as a store has them."""
    return [
        sequence(body, frames, 100 * seed + number, FEATURE_SIZE) for number, frames in enumerate(lengths)
    ]


def boxes(count: int) -> np.ndarray:
    """Move and grow a square box over a picture: middle x, middle y, width, height."""
    time = np.arange(count)
    side = 200.0 + time
    return np.stack([300.0 + time, 400.0 - time, side, side], -1)


def in_picture(keypoints: np.ndarray, boxes_px: np.ndarray) -> np.ndarray:
    """Move keypoints from the crop, 1.2 times the box, to the picture."""
    xy = boxes_px[:, None, :2] + keypoints[..., :2] * 0.6 * boxes_px[:, None, 2:]
    return np.concatenate([xy, keypoints[..., 2:]], -1)


def joined(videos: list[Arrays], name: str) -> np.ndarray:
    return np.concatenate([video[name] for video in videos])


def names(videos: list[Arrays], pattern: str) -> np.ndarray:
    return np.concatenate(
        [[pattern.format(number)] * len(video["static"]) for number, video in enumerate(videos)]
    )


def per_video(videos: list[Arrays], make: Callable[[int], np.ndarray]) -> np.ndarray:
    return np.concatenate([make(len(video["static"])) for video in videos])


def only(keypoints: np.ndarray, places: list[int]) -> np.ndarray:
    """Leave some of the 49, the others zero, as the scripts do."""
    result = np.zeros_like(keypoints)
    result[:, places] = keypoints[:, places]
    return result


def threedpw(videos: list[Arrays], tested: bool = False) -> Arrays:
    """Make 3DPW's arrays; those of validation and test have the 14 joints that are tested."""
    bbox = per_video(videos, boxes)
    keypoints = in_picture(joined(videos, "keypoints"), bbox)[:, COMMON].astype(np.float64)
    keypoints[:, 12:, 2] = 0
    joints = joined(videos, "joints_m")
    return {
        "vid_name": names(videos, "courtyard_{}_0"),
        "frame_id": per_video(videos, np.arange),
        "img_name": names(videos, "imageFiles/courtyard/{}.jpg"),
        "joints3D": joints[:, COMMON] if tested else joints,
        "joints2D": keypoints,
        "shape": joined(videos, "betas"),
        "pose": joined(videos, "pose"),
        "bbox": bbox,
        "valid": joined(videos, "valid").astype(np.int64),
        "features": joined(videos, "static"),
    }


def h36m(videos: list[Arrays], smpl: bool = True) -> Arrays:
    """Make Human3.6M's arrays, every second frame; without SMPL's labels there are zeros."""
    bbox = per_video(videos, boxes)
    labelled = 1.0 if smpl else 0.0
    return {
        "vid_name": names(videos, "images/s_0{}_act_02_subact_01_ca_01_1"),
        "frame_id": per_video(videos, lambda count: 2 * np.arange(count)),
        "joints3D": joined(videos, "joints_m"),
        "joints2D": in_picture(joined(videos, "keypoints"), bbox).astype(np.float32),
        "shape": joined(videos, "betas") * np.float32(labelled),
        "pose": joined(videos, "pose") * np.float32(labelled),
        "bbox": bbox,
        "img_name": names(videos, "images/{}.jpg"),
        "features": joined(videos, "static"),
    }


def mpii3d(videos: list[Arrays], tested: bool = False) -> Arrays:
    """Make MPI-INF-3DHP's arrays; the test set tells which frames count."""
    bbox = per_video(videos, boxes)
    places = list(SPIN_49_MPII3D_17)
    joints = only(joined(videos, "joints_m"), places)
    arrays = {
        "vid_name": names(videos, "subj1_seq1_vid{}_seg0"),
        "frame_id": per_video(videos, lambda count: np.array([f"img_{1 + row:06d}" for row in range(count)])),
        "joints3D": (joints - joints[:, 39:40]).astype(np.float64),
        "joints2D": only(in_picture(joined(videos, "keypoints"), bbox), places).astype(np.float64),
        "bbox": bbox,
        "img_name": names(videos, "imageSequence/{}.jpg"),
        "features": joined(videos, "static"),
    }
    return arrays | ({"valid_i": joined(videos, "valid")[:, None]} if tested else {})


def posetrack(videos: list[Arrays]) -> Arrays:
    """Make PoseTrack's arrays: frames are told by the pictures' names alone."""
    bbox = per_video(videos, boxes)
    return {
        "img_name": per_video(
            videos, lambda count: np.array([f"images/train/1_bonn/{row:06d}.jpg" for row in range(count)])
        ),
        "joints2D": only(in_picture(joined(videos, "keypoints"), bbox), COMMON),
        "bbox": bbox,
        "vid_name": names(videos, "annotations/train/1_bonn.json_{}"),
        "features": joined(videos, "static"),
    }


def penn_action(videos: list[Arrays]) -> Arrays:
    """Make PennAction's arrays: the common 14, of which the neck is not labelled."""
    bbox = per_video(videos, boxes)
    keypoints = in_picture(joined(videos, "keypoints"), bbox)[:, COMMON]
    keypoints[:, 12] = 0
    return posetrack(videos) | {"joints2D": keypoints, "vid_name": names(videos, "labels/{:04d}.mat")}


def insta(videos: list[Arrays]) -> Arrays:
    """Make InstaVariety's arrays: keypoints in pixels of the crop."""
    keypoints = joined(videos, "keypoints")[:, INSTA].astype(np.float64)
    keypoints[..., :2] = (keypoints[..., :2] + 1) * 112
    return {
        "vid_name": names(videos, "train_00.tfrecord-{}").astype(np.bytes_),
        "frame_id": per_video(videos, np.arange),
        "joints2D": keypoints,
        "features": joined(videos, "static"),
    }


MAKERS: dict[KindName, Callable[[list[Arrays]], Arrays]] = {
    "3dpw": threedpw,
    "h36m": h36m,
    "mpii3d": mpii3d,
    "posetrack": posetrack,
    "insta": insta,
    "penn_action": penn_action,
}


def write(path: Path, arrays: Arrays) -> Path:
    """Write a database as its script does: HDF5 where the name says so, else by joblib."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            for name, array in arrays.items():
                file.create_dataset(name, data=array)
    else:
        joblib.dump(arrays, path)
    return path


def write_database(folder: Path, kind: KindName, videos: list[Arrays]) -> Path:
    """Write a database under its released name."""
    suffix = "h5" if kind == "insta" else "pt"
    return write(folder / f"{kind}_train_db.{suffix}", MAKERS[kind](videos))
