"""Where BlazePose puts its 33 landmarks on our body.

Each landmark is a body joint plus a constant offset that turns with one joint's rotation. BlazePose's ankles,
for example, sit higher than the body's. Wherever landmarks and joints are compared, fitted or simulated they
must be the same points: without the offsets the difference of definitions counts as error.
"""

import json
from dataclasses import dataclass
from importlib.resources import files

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.body.model import PosedBody
from tcmr.joints import BLAZEPOSE_33, LIMBS_IN_BLAZEPOSE, SMPL_24, indices

HIPS_IN_BLAZEPOSE = indices(BLAZEPOSE_33, ["left_hip", "right_hip"])


def hip_centred(points_m: Float[Tensor, "*batch 33 3"]) -> Float[Tensor, "*batch 33 3"]:
    """Move the middle of the hips to the origin, as BlazePose's world landmarks have it."""
    return points_m - points_m[..., HIPS_IN_BLAZEPOSE, :].mean(-2, keepdim=True)


@dataclass(frozen=True)
class LandmarkPoints:
    """BlazePose's points as (anchor joint, carrying joint, offset in the carrier's frame)."""

    anchors: list[int]
    carriers: list[int]
    offsets_m: Float[Tensor, "points 3"]

    @staticmethod
    def load() -> "LandmarkPoints":
        """Read the points measured for the open body (made by `tools/fit_landmark_points.py`)."""
        table = json.loads(files("tcmr.body").joinpath("blazepose_points.json").read_text())
        rows = [table["points"][name] for name in BLAZEPOSE_33]
        return LandmarkPoints(
            anchors=indices(SMPL_24, [row["anchor"] for row in rows]),
            carriers=indices(SMPL_24, [row["carrier"] for row in rows]),
            offsets_m=torch.tensor([row["offset_m"] for row in rows]),
        )

    def on(self, body: PosedBody) -> Float[Tensor, "*batch points 3"]:
        """Return the points of a posed body, metres, in the frame of its joints."""
        turned = body.global_rotmat[..., self.carriers, :, :] @ self.offsets_m.to(body.joints_m)[..., None]
        return body.joints_m[..., self.anchors, :] + turned[..., 0]

    def limbs_on(self, body: PosedBody) -> Float[Tensor, "*batch 12 3"]:
        """Return the twelve limb joints by BlazePose's definitions."""
        return self.on(body)[..., LIMBS_IN_BLAZEPOSE, :]
