"""What the released databases are like: their arrays' names and shapes, and which joints are in them.

Source: the scripts that made them, lib/data_utils of the released code and of VIBE.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tcmr.data.released.files import open_hdf5, open_joblib
from tcmr.data.released.rows import Rows
from tcmr.joints import INSTA_25, SPIN_49, SPIN_49_COMMON_14, indices

KindName = Literal["3dpw", "h36m", "mpii3d", "posetrack", "insta", "penn_action"]

FEATURE_SIZE = 2048
# Number of joints in the file -> where each belongs among SPIN_49.
Places = Mapping[int, tuple[int, ...]]
ALL_49: Places = {len(SPIN_49): tuple(range(len(SPIN_49)))}
COMMON_14: Places = {len(SPIN_49_COMMON_14): SPIN_49_COMMON_14}


@dataclass(frozen=True)
class Kind:
    """One database.

    `frames` names the array that tells the number of each frame; `boxes`, whether keypoints are in pixels of the
    picture, with the person's box beside them, and not in the crop; `valid`, what tells which frames count in
    evaluation; `body`, whether there are pose and shape; `optional`, what some of the database's files lack.
    """

    keypoints: Places
    joints: Places = field(default_factory=dict)
    frames: str = "frame_id"
    boxes: bool = True
    valid: str | None = None
    body: bool = False
    optional: frozenset[str] = frozenset()
    open: Callable[[Path, Path], AbstractContextManager[dict[str, Rows]]] = open_joblib

    def shapes(self) -> dict[str, list[tuple[int, ...]]]:
        """Return the arrays that are read, each with the shapes that a row may have."""
        shapes: dict[str, list[tuple[int, ...]]] = {
            "vid_name": [()],
            self.frames: [()],
            "features": [(FEATURE_SIZE,)],
            "joints2D": [(count, 3) for count in self.keypoints],
        }
        if self.joints:
            shapes["joints3D"] = [(count, 3) for count in self.joints]
        if self.boxes:
            shapes["bbox"] = [(4,)]
        if self.body:
            shapes |= {"pose": [(72,)], "shape": [(10,)]}
        if self.valid:
            shapes[self.valid] = [(), (1,)]
        return shapes


KINDS: dict[KindName, Kind] = {
    # The joints of validation and test are the 14 that are tested; keypoints are these 14 too.
    "3dpw": Kind(keypoints=COMMON_14, joints={**ALL_49, **COMMON_14}, valid="valid", body=True),
    # Without NeuralAnnot's labels pose and shape are zero, or not there.
    "h36m": Kind(keypoints=ALL_49, joints=ALL_49, body=True, optional=frozenset({"pose", "shape"})),
    # Only the test set tells which frames count.
    "mpii3d": Kind(keypoints=ALL_49, joints=ALL_49, valid="valid_i", optional=frozenset({"valid_i"})),
    "posetrack": Kind(keypoints=ALL_49, frames="img_name"),
    "insta": Kind(keypoints={len(INSTA_25): tuple(indices(SPIN_49, INSTA_25))}, boxes=False, open=open_hdf5),
    # The script reorders the 13 labelled points to the common 14. The released loaders take them for the 13.
    "penn_action": Kind(keypoints=COMMON_14, frames="img_name"),
}
