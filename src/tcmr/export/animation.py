"""One person as every format takes it: y up, metres, a row for every frame."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Float32

from tcmr.body import BodyModel, PosedBody
from tcmr.export.axes import Y_UP_FROM_CAMERA, turned_points, turned_root
from tcmr.export.gaps import Between
from tcmr.joints import SMPL_PARENTS
from tcmr.rotations import quaternion_from_rotmat
from tcmr.types import Motion

Array = np.ndarray


@dataclass(frozen=True)
class Animation:
    """A person's motion, frame by frame from the first to the last.

    Axes: x to the camera's right, y up, z towards the camera. `pelvis_m` is where the pelvis joint is; `rotmat`
    has rotations relative to the parent. Frames in which the person was not `seen` are interpolated.
    """

    name: str
    person: int
    body: BodyModel
    betas: Float32[Array, "frames 10"]
    rotmat: Float32[Array, "frames 24 3 3"]
    pelvis_m: Float32[Array, "frames 3"]
    seen: Bool[Array, " frames"]
    first_frame: int
    fps: float

    @staticmethod
    def of(motion: Motion, body: BodyModel, name: str) -> "Animation":
        """Turn a motion upright; without a place in the camera frame the pelvis stays at the origin."""
        between = Between.of(motion.frames)
        place_m = np.zeros_like(motion.joints_m[:, 0]) if motion.transl_m is None else motion.transl_m
        return Animation(
            name=name,
            person=motion.person,
            body=body,
            betas=between.vectors(motion.betas),
            rotmat=turned_root(Y_UP_FROM_CAMERA, between.rotations(motion.rotmat)),
            pelvis_m=turned_points(Y_UP_FROM_CAMERA, between.vectors(place_m)),
            seen=between.seen,
            first_frame=int(motion.frames[0]),
            fps=motion.fps,
        )

    def __len__(self) -> int:
        return len(self.pelvis_m)

    @property
    def times_s(self) -> Float32[Array, " frames"]:
        """Time of each frame: its number in the video by the mean frame rate."""
        return ((self.first_frame + np.arange(len(self))) / self.fps).astype(np.float32)

    @property
    def has_one_shape(self) -> bool:
        """Tell whether the shape is the same in every frame."""
        return bool((self.betas == self.betas[0]).all())

    @cached_property
    def rest_joints_m(self) -> Float32[Array, "24 3"]:
        """Joints of the first frame's shape in T-pose: y up, facing +z."""
        return self.body.with_shape(torch.from_numpy(self.betas[0])).joints_m.numpy()

    @property
    def bones_m(self) -> Float32[Array, "24 3"]:
        """Each joint in T-pose relative to its parent; zero for the pelvis."""
        bones = self.rest_joints_m - self.rest_joints_m[list(SMPL_PARENTS)]
        bones[0] = 0
        return bones

    def quaternions(self) -> Float32[Array, "frames 24 4"]:
        """Return the rotations as unit quaternions (x, y, z, w), each of the sign nearer to the frame before."""
        quaternions = quaternion_from_rotmat(torch.from_numpy(self.rotmat)).numpy()
        opposite = (quaternions[1:] * quaternions[:-1]).sum(-1, keepdims=True) < 0
        quaternions[1:] *= np.where(np.cumsum(opposite, 0) % 2, -1, 1).astype(np.float32)
        return quaternions

    def posed(self) -> PosedBody:
        """Return the body in every frame."""
        shaped = self.body.with_shape(torch.from_numpy(self.betas))
        return shaped.with_pose_at(torch.from_numpy(self.rotmat), torch.from_numpy(self.pelvis_m))

    def joints_m(self) -> Float32[Array, "frames 24 3"]:
        """Return the joints in every frame."""
        return self.posed().joints_m.numpy()
