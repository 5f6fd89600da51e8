"""ResNet-50 for use alone: the same features in fewer passes over memory.

Normalisations are folded into the convolutions before them, channels come last in memory, and where PyTorch has
oneDNN a convolution adds the shortcut and rectifies as it writes its result. Source of the operators: those to
which PyTorch's own compiler turns such layers.
"""

from copy import deepcopy

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import conv2d, relu
from torch.nn.utils.fusion import fuse_conv_bn_eval

from tcmr.features.resnet50 import Bottleneck, ResNet50

_ONE_PASS = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_convolution_pointwise_")


class FastResNet50(nn.Module):
    """A trained ResNet-50 that gives the same features faster, and cannot be trained."""

    def __init__(self, network: ResNet50):
        super().__init__()
        self.stem = _Convolution(network.conv1, network.bn1)
        self.pool = network.maxpool
        blocks = [module for module in network.modules() if isinstance(module, Bottleneck)]
        self.blocks = nn.Sequential(*(_Block(block) for block in blocks))
        self.eval().requires_grad_(False)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 2048"]:
        """Return the feature of each crop, averaged over its places."""
        return self.blocks(self.pool(self.stem(images))).mean((2, 3))


class _Block(nn.Module):
    def __init__(self, block: Bottleneck):
        super().__init__()
        self.first = _Convolution(block.conv1, block.bn1)
        self.second = _Convolution(block.conv2, block.bn2)
        self.third = _Convolution(block.conv3, block.bn3)
        self.shortcut: nn.Module = nn.Identity()
        if block.downsample:
            projection, normalisation = block.downsample
            self.shortcut = _Convolution(projection, normalisation, rectifies=False)  # type: ignore[arg-type]

    def forward(self, maps: Tensor) -> Tensor:
        narrow = self.second(self.first(maps))
        return self.third(narrow, onto=self.shortcut(maps))


class _Convolution(nn.Module):
    """A convolution, its normalisation, and the rectifier after both."""

    weight: Tensor
    bias: Tensor

    def __init__(self, convolution: nn.Conv2d, normalisation: nn.BatchNorm2d, rectifies: bool = True):
        super().__init__()
        exact = deepcopy(convolution).eval().double(), deepcopy(normalisation).eval().double()
        folded = fuse_conv_bn_eval(*exact).float().state_dict()
        self.register_buffer("weight", folded["weight"].contiguous(memory_format=torch.channels_last))
        self.register_buffer("bias", folded["bias"])
        self.stride, self.padding, self.rectifies = convolution.stride, convolution.padding, rectifies

    def forward(self, maps: Tensor, onto: Tensor | None = None) -> Tensor:
        """Convolve; the sum with `onto` takes its place."""
        if maps.device.type == "cpu" and _ONE_PASS:
            return self._in_one_pass(maps, onto)
        maps = conv2d(maps, self.weight, self.bias, self.stride, self.padding)
        if onto is not None:
            maps += onto
        return relu(maps, inplace=True) if self.rectifies else maps

    def _in_one_pass(self, maps: Tensor, onto: Tensor | None) -> Tensor:
        layer = (maps, self.weight, self.bias, self.padding, self.stride, (1, 1), 1)
        after: tuple[str, list[float], str] = ("relu" if self.rectifies else "none", [], "")
        if onto is None:
            return torch.ops.mkldnn._convolution_pointwise(*layer, *after)
        return torch.ops.mkldnn._convolution_pointwise_(onto, *layer, "add", 1.0, *after)
