"""MPI-INF-3DHP as published: S1..S8/Seq1..2/annot.mat with videos, and the test set TS1..TS6/annot_data.mat.

Frames, squares and labels are those of the released code: a frame counts where all its joints lie in the picture.
Source: D. Mehta et al., "Monocular 3D Human Pose Estimation In The Wild", 3DV 2017; the released code,
lib/data_utils/mpii3d_utils.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float

from tcmr.data.confined import open_confined
from tcmr.data.released.keypoints import in_boxes, placed
from tcmr.data.sources.checks import entries, numbers
from tcmr.data.sources.labelled import LabelledClip, LabelledPerson, squares
from tcmr.errors import TcmrError
from tcmr.joints import MPII3D_17, MPII3D_28, SPIN_49_MPII3D_17, indices

Array = np.ndarray
Split = Literal["train", "test"]
# The cameras at the height of chest and knees: those that the paper's methods train on.
CAMERAS = (0, 1, 2, 4, 5, 6, 7, 8)
TRAIN_SIZE_PX = (2048, 2048)
TEST_SIZES_PX = {"TS5": (1920, 1080), "TS6": (1920, 1080)}
TEST_SETS = tuple(f"TS{number}" for number in range(1, 7))
PELVIS = indices(MPII3D_17, "pelvis_mpii")
BOX_SCALE, CROP_SCALE = 1.1, 1.2


@dataclass(frozen=True)
class _Video:
    """A video of one person with the labels of all its frames."""

    name: str
    pictures: Path
    joints_px: Float[Array, "frames 17 2"]
    joints_mm: Float[Array, "frames 17 3"]
    size_px: tuple[int, int]
    valid: Float[Array, " frames"] | None = None

    def clip(self, crop_scale: float) -> LabelledClip:
        """Return the labels without the frames in which a joint is out of the picture."""
        frames = np.flatnonzero(((self.joints_px >= 0) & (self.joints_px < self.size_px)).all((1, 2)))
        if len(frames) == 0:
            return LabelledClip(self.name, self.pictures, ())
        seen, true_m = self.joints_px[frames], self.joints_mm[frames] / 1000
        low, high = seen.min(1), seen.max(1)
        side = BOX_SCALE * (high - low).max(1)
        boxes = np.concatenate([(low + high) / 2, side[:, None], side[:, None]], 1)
        keypoints = np.concatenate([seen, np.ones((*seen.shape[:2], 1))], -1)
        fields = {
            "keypoints": placed(in_boxes(keypoints, boxes), SPIN_49_MPII3D_17),
            "joints_m": placed(true_m - true_m[:, PELVIS], SPIN_49_MPII3D_17),
        }
        if self.valid is not None:
            fields["valid"] = self.valid[frames].astype(np.float32)
        cut_out = squares(boxes[:, :2], crop_scale * side)
        person = LabelledPerson(f"{self.name}_0", frames, cut_out, fields)
        return LabelledClip(self.name, self.pictures, (person,))


def read_mpii3d(folder: Path, split: Split, crop_scale: float = CROP_SCALE) -> Iterator[LabelledClip]:
    """Read the videos of the training or the test set, one by one; people are cut out `crop_scale` times their box.

    Raises:
        TcmrError: the folder is not the database's, or a file of it is damaged or not as published; the message
            names it.
    """
    for video in _train(folder) if split == "train" else _test(folder):
        yield video.clip(crop_scale)


def _train(folder: Path) -> Iterator[_Video]:
    files = sorted(folder.glob("S[1-8]/Seq[12]/annot.mat"))
    if not files:
        raise TcmrError(f"{folder} holds no S1/Seq1/annot.mat: it must be MPI-INF-3DHP's folder as published")
    rows = indices(MPII3D_28, MPII3D_17)
    for path in files:
        with open_confined(path, "matlab5", ("annot2", "annot3")) as labels:
            for camera in CAMERAS:
                what = f"{path}: of camera {camera}"
                seen, true = entries(labels, (f"annot2[{camera}]", f"annot3[{camera}]"), str(path))
                joints_px = numbers(seen[:], (None, 2 * len(MPII3D_28)), f"{what} annot2")
                joints_mm = numbers(true[:], (len(joints_px), 3 * len(MPII3D_28)), f"{what} annot3")
                name = f"{path.parts[-3]}_{path.parts[-2]}_video{camera}"
                yield _Video(
                    name,
                    _pictures(path.parent, camera),
                    joints_px.reshape(-1, len(MPII3D_28), 2)[:, rows],
                    joints_mm.reshape(-1, len(MPII3D_28), 3)[:, rows],
                    TRAIN_SIZE_PX,
                )


def _pictures(sequence: Path, camera: int) -> Path:
    """Return where a camera's pictures are: the video as published, or images that were made of it."""
    video = sequence / "imageSequence" / f"video_{camera}.avi"
    folders = [sequence / f"video_{camera}", video.with_suffix("")]
    return next((path for path in folders if path.is_dir()), video)


def _test(folder: Path) -> Iterator[_Video]:
    inner = folder / "mpi_inf_3dhp_test_set"
    root = inner if inner.is_dir() else folder
    found = [root / name for name in TEST_SETS if (root / name / "annot_data.mat").is_file()]
    if not found:
        raise TcmrError(
            f"{folder} holds no TS1/annot_data.mat: it must be MPI-INF-3DHP's test set as published"
        )
    for sequence in found:
        path = sequence / "annot_data.mat"
        names = ("annot2", "univ_annot3", "valid_frame")
        with open_confined(path, "hdf5", names) as labels:  # which MATLAB 7.3 is
            seen, true, counts = (rows[:] for rows in entries(labels, names, str(path)))
        joints = len(MPII3D_17)
        joints_px = numbers(seen, (None, 1, joints, 2), f"{path}: annot2")[:, 0]
        frames = len(joints_px)
        joints_mm = numbers(true, (frames, 1, joints, 3), f"{path}: univ_annot3")[:, 0]
        valid = numbers(counts, (frames, 1), f"{path}: valid_frame")[:, 0]
        size = TEST_SIZES_PX.get(sequence.name, TRAIN_SIZE_PX)
        yield _Video(sequence.name, sequence / "imageSequence", joints_px, joints_mm, size, valid)
