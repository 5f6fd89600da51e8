"""Feet that stand flat: carried over from captured skeletons, they may stand on their edges throughout."""

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.joints import SMPL_24, indices
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle

STILL_RADPS = 0.35  # a foot that turns more slowly stands
FEWEST_STANDING = 60  # frames that tell how a foot stands


def standing_flat(axis_angle: Float[Tensor, "frames 24 3"], fps: float) -> Float[Tensor, "frames 24 3"]:
    """Turn each foot about its own long axis, by one angle for all frames, so that it mostly stands flat.

    Axis-angle in SMPL's order, the pelvis' to the world (y up). A foot that hardly ever stands is left as it is.
    """
    flat = axis_angle.clone()
    for side in ("left", "right"):
        leg = indices(SMPL_24, ["pelvis", f"{side}_hip", f"{side}_knee", f"{side}_ankle"])
        pelvis, hip, knee, ankle = rotmat_from_axis_angle(axis_angle[:, leg]).unbind(1)
        foot = pelvis @ hip @ knee @ ankle
        turns = axis_angle_from_rotmat(foot[:-1].mT @ foot[1:]).norm(dim=-1)
        stands = turns * fps < STILL_RADPS
        if stands.sum() < FEWEST_STANDING:
            continue
        edge_rad = torch.asin(foot[:-1, 1, 0].clamp(-1, 1))[stands].median()
        level = rotmat_from_axis_angle(-edge_rad * torch.tensor([0.0, 0.0, 1.0]))
        flat[:, leg[-1]] = axis_angle_from_rotmat(ankle @ level)
    return flat
