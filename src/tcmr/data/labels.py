"""What training needs of a database: windows of static features with what is known of their target frames.

Every sample has the same fields. A label that a database does not have is zero there and has weight zero:
2D databases have no joints and no body, MPI-INF-3DHP has joints but no body.
"""

from dataclasses import dataclass, fields

import torch
from jaxtyping import Float
from torch import Tensor

from tcmr.joints import SMPL_24, SPIN_49


@dataclass(frozen=True)
class Labels:
    """What is known of one frame of each sample, in its crop's camera.

    `keypoints` are SPIN's 49: x and y where the box spans -1 to 1, and a confidence. `joints_m` are the same
    49 in metres from any origin. `joints_weight` and `body_weight` tell how much a sample's joints and its
    pose and shape count: 0 where there is no such label. Paper: w_3d and w_smpl.
    """

    keypoints: Float[Tensor, "samples 49 3"]
    joints_m: Float[Tensor, "samples 49 3"]
    rotmat: Float[Tensor, "samples 24 3 3"]
    betas: Float[Tensor, "samples 10"]
    joints_weight: Float[Tensor, " samples"]
    body_weight: Float[Tensor, " samples"]

    @staticmethod
    def of(count: int, **known: Tensor) -> "Labels":
        """Label samples with what is known of them; the rest has weight zero."""
        unknown = {
            "keypoints": torch.zeros(count, len(SPIN_49), 3),
            "joints_m": torch.zeros(count, len(SPIN_49), 3),
            "rotmat": torch.eye(3).expand(count, len(SMPL_24), 3, 3),
            "betas": torch.zeros(count, 10),
            "joints_weight": torch.zeros(count),
            "body_weight": torch.zeros(count),
        }
        return Labels(**(unknown | known))


@dataclass(frozen=True)
class LabelledWindows:
    """Windows of static features of one person each, and the labels of their target frames."""

    static: Float[Tensor, "samples window size"]
    labels: Labels

    def __len__(self) -> int:
        return len(self.static)

    def part(self, chosen: slice | Tensor) -> "LabelledWindows":
        """Return some of the samples."""
        cut = {field.name: getattr(self.labels, field.name)[chosen] for field in fields(Labels)}
        return LabelledWindows(self.static[chosen], Labels(**cut))

    def to(self, device: torch.device | str) -> "LabelledWindows":
        """Return the same samples on another device."""
        moved = {field.name: getattr(self.labels, field.name).to(device) for field in fields(Labels)}
        return LabelledWindows(self.static.to(device), Labels(**moved))


def joined_labels(parts: list[Labels]) -> Labels:
    """Join samples of several databases."""
    return Labels(
        **{field.name: torch.cat([getattr(part, field.name) for part in parts]) for field in fields(Labels)}
    )


def joined_windows(parts: list[LabelledWindows]) -> LabelledWindows:
    """Join windows of several databases."""
    static = torch.cat([part.static for part in parts])
    return LabelledWindows(static, joined_labels([part.labels for part in parts]))
