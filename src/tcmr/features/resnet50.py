"""ResNet-50: a normalised crop in, its pooled feature out. Names are those of the released checkpoints.

Source: He et al., Deep Residual Learning for Image Recognition, CVPR 2016, arXiv 1512.03385, table 1; the stride
is that of the 3 x 3 convolution, as in SPIN's copy and in PyTorch's.
"""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import relu

FEATURE_SIZE = 2048
EXPANSION = 4  # of a block's channels by its last convolution
STEM_CHANNELS = 64


class Bottleneck(nn.Module):
    """Three convolutions, added to their input."""

    def __init__(self, channels_in: int, channels: int, stride: int):
        super().__init__()
        channels_out = EXPANSION * channels
        self.conv1 = nn.Conv2d(channels_in, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, channels_out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels_out)
        self.downsample = nn.Sequential()
        if channels_in != channels_out:
            projection = nn.Conv2d(channels_in, channels_out, 1, stride, bias=False)
            self.downsample.extend([projection, nn.BatchNorm2d(channels_out)])

    def forward(self, inputs: Float[Tensor, "batch channels height width"]) -> Tensor:
        """Apply the block."""
        maps = relu(self.bn1(self.conv1(inputs)), inplace=True)
        maps = relu(self.bn2(self.conv2(maps)), inplace=True)
        maps = self.bn3(self.conv3(maps))
        maps += self.downsample(inputs)
        return relu(maps, inplace=True)


class ResNet50(nn.Module):
    """The network without its classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, STEM_CHANNELS, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(STEM_CHANNELS)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        self.layer1 = _layer(64, 64, blocks=3, stride=1)
        self.layer2 = _layer(256, 128, blocks=4, stride=2)
        self.layer3 = _layer(512, 256, blocks=6, stride=2)
        self.layer4 = _layer(1024, 512, blocks=3, stride=2)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 2048"]:
        """Return the feature of each crop, averaged over its places."""
        maps = self.maxpool(relu(self.bn1(self.conv1(images)), inplace=True))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            maps = layer(maps)
        return maps.mean((2, 3))


def _layer(channels_in: int, channels: int, blocks: int, stride: int) -> nn.Sequential:
    first = Bottleneck(channels_in, channels, stride)
    return nn.Sequential(first, *(Bottleneck(EXPANSION * channels, channels, 1) for _ in range(blocks - 1)))
