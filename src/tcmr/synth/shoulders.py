"""Shoulders that rise with the arms, as people's do, for captured skeletons in which they are stiff."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.joints import SMPL_24, indices
from tcmr.rotations import rotmat_from_axis_angle

# An arm is raised this far from hanging before its shoulder follows, and by this share of the rest. Raised straight up,
# its collarbone has turned by 30 degrees. Source: Inman, Saunders and Abbott, J. Bone Joint Surg. 26, 1944 (a third of
# an arm's way is its shoulder blade's, after the first 30 degrees; collarbones rise by 30 degrees or somewhat more).
STILL_RAD, SHARE = math.radians(30), 0.2
STIFF_RAD = 1e-3  # collarbones that never turn farther do not turn
COLLARS = indices(SMPL_24, ["left_collar", "right_collar"])


def are_stiff(axis_angle: Float[Tensor, "frames 24 3"]) -> bool:
    """Tell whether no collarbone turns in captured motion."""
    return bool((axis_angle[:, COLLARS].norm(dim=-1) < STIFF_RAD).all())


def with_rising_shoulders(rotmat: Float[Tensor, "*batch 24 3 3"]) -> Float[Tensor, "*batch 24 3 3"]:
    """Turn the collarbones up with arms that are raised; the arms keep their directions."""
    risen = rotmat.clone()
    for side, outwards in (("left", 1.0), ("right", -1.0)):
        collar, shoulder = indices(SMPL_24, [f"{side}_collar", f"{side}_shoulder"])
        arm = rotmat[..., collar, :, :] @ rotmat[..., shoulder, :, :]  # to the chest
        raised_rad = torch.acos((-outwards * arm[..., 1, 0]).clamp(-1, 1))
        lift = torch.zeros_like(arm[..., 0])
        lift[..., 2] = outwards * SHARE * (raised_rad - STILL_RAD).clamp(min=0)
        risen[..., collar, :, :] = rotmat_from_axis_angle(lift) @ rotmat[..., collar, :, :]
        risen[..., shoulder, :, :] = risen[..., collar, :, :].mT @ arm
    return risen
