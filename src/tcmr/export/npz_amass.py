"""AMASS-style .npz: z up, SMPL+H's pose vector with the fingers at rest."""

from pathlib import Path

import numpy as np
import torch

from tcmr.export.animation import Animation
from tcmr.export.axes import Z_UP_FROM_Y_UP, turned_points, turned_root
from tcmr.joints import SMPL_24, SMPL_BODY_22, SMPLH_52, indices
from tcmr.rotations import axis_angle_from_rotmat


def write_npz(animations: list[Animation], path: Path) -> None:
    """Write one person: poses [N, 156], trans [N, 3], betas, gender, mocap_framerate, and which frames.

    `trans` is as SMPL wants it: added to a body whose pelvis joint rests where the shape has it.
    """
    (animation,) = animations
    rotmat = turned_root(Z_UP_FROM_Y_UP, animation.rotmat)[:, indices(SMPL_24, SMPL_BODY_22)]
    poses = np.zeros((len(animation), len(SMPLH_52), 3), np.float32)
    poses[:, indices(SMPLH_52, SMPL_BODY_22)] = axis_angle_from_rotmat(torch.from_numpy(rotmat)).numpy()
    shaped = animation.body.with_shape(torch.from_numpy(animation.betas))
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            poses=poses.reshape(len(animation), -1),
            trans=turned_points(Z_UP_FROM_Y_UP, animation.pelvis_m) - shaped.joints_m[:, 0].numpy(),
            betas=animation.betas[0] if animation.has_one_shape else animation.betas,
            gender=np.array("neutral"),
            surface_model_type=np.array("smplh"),
            mocap_framerate=np.float64(animation.fps),
            frames=animation.first_frame + np.arange(len(animation)),
            seen=animation.seen,
            body=np.array(f"{animation.body.name} {animation.body.sha256}"),
        )
