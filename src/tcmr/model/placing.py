"""A placed motion with another body in it: what hangs on pose, shape and place is computed anew."""

from dataclasses import replace

from jaxtyping import Float
from torch import Tensor

from tcmr.body.model import BodyModel
from tcmr.camera import CropCameras
from tcmr.stretches import gathered, stretches
from tcmr.types import Motion

# Bodies that are posed at once: bounds memory.
STRETCH = 512


def placed(
    motion: Motion,
    rotmat: Float[Tensor, "frames 24 3 3"],
    betas: Float[Tensor, "frames 10"],
    pelvis_m: Float[Tensor, "frames 3"],
    crops: CropCameras,
    body: BodyModel,
) -> Motion:
    """Return the motion with these rotations, shapes and places of the pelvis, in the frame's camera.

    `crops` are the cameras of its crops, in which the weak perspective is.
    """
    crops = crops.to(body.device)

    def posed(rows: slice) -> tuple[Tensor, Tensor]:
        shaped = body.with_shape(betas[rows])
        joints = shaped.with_pose(rotmat[rows]).joints_m
        return joints - joints[:, :1], crops.rows(rows).weak_perspective(
            pelvis_m[rows], shaped.joints_m[:, 0]
        )

    joints, weak = gathered(len(motion), (posed(rows) for rows in stretches(len(motion), STRETCH)))
    return replace(
        motion,
        rotmat=rotmat.cpu().numpy(),
        betas=betas.cpu().numpy(),
        camera=weak.cpu().numpy(),
        joints_m=joints.cpu().numpy(),
        transl_m=pelvis_m.cpu().numpy(),
    )
