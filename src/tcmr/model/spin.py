"""SPIN, the single-image network whose backbone makes the paper's static features.

Source: Kolotouros et al., Learning to Reconstruct 3D Human Pose and Shape via Model-fitting in the Loop, ICCV 2019.
"""

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tcmr.features.resnet50 import ResNet50
from tcmr.model.regressor import Estimate, Regressor
from tcmr.tensors import fill_strictly, read_pth_tar

_ENTRY = "model"


class Spin(nn.Module):
    """The backbone and the regressor on its feature."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ResNet50()
        self.regressor = Regressor()

    def forward(self, images: Float[Tensor, "batch 3 224 224"]) -> Estimate:
        """Estimate the parameters of the person in each normalised crop."""
        return self.regressor(self.backbone(images))


def load_spin(path: Path) -> Spin:
    """Read SPIN's released checkpoint (.pth.tar) strictly: every tensor is accounted for.

    Raises:
        TcmrError: it cannot be read safely, or a tensor is missing, unknown, of another shape or not finite.
    """
    tensors = read_pth_tar(path, _ENTRY)
    with torch.device("meta"):  # no time is lost on first values
        spin = Spin()
    spin.to_empty(device="cpu")
    of_regressor = {name: tensors.pop(name) for name in spin.regressor.state_dict() if name in tensors}
    fill_strictly(spin.backbone, tensors, path)
    fill_strictly(spin.regressor, of_regressor, path)
    return spin.eval().requires_grad_(False)
