"""BlazePose's landmark network in PyTorch, operator by operator as its LiteRT file has it: to be trained."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from ai_edge_litert import schema_py_generated as schema
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from tcmr.features.blazepose import LANDMARK_COUNT
from tcmr.features.blazepose_model import constant, name_of, operator_kind

POINTS = 39  # landmarks, what the next region is made of, and four that nobody uses
# Channels that are hardly ever active would otherwise be changed without bound.
LEAST_SHARE = 0.05


@dataclass(frozen=True)
class RawReading:
    """What the network says of crops: points in crop pixels; visibility, presence and heatmaps as logits."""

    points_px: Float[Tensor, "batch 39 2"]
    beliefs: Float[Tensor, "batch 33 2"]
    score: Float[Tensor, "batch"]
    heatmaps: Float[Tensor, "batch 39 side side"]
    world_m: Float[Tensor, "batch 33 3"]


class Convolution(nn.Module):
    """A convolution of the file, which learns by how much its weights change.

    The file has batch normalisation multiplied into the weights, so channels differ in size by orders of magnitude,
    and a step of Adam that is small for one breaks another. Changes are learned in units in which each counts alike:
    as a share of what the channel puts out for what its input usually is.
    """

    weight: Tensor
    bias: Tensor
    weight_unit: Tensor
    bias_unit: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, stride: int, groups: int, same: bool, relu6: bool):
        super().__init__()
        self.stride, self.groups, self.same, self.relu6 = stride, groups, same, relu6
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.register_buffer("weight_unit", torch.ones_like(weight))
        self.register_buffer("bias_unit", torch.ones_like(bias))
        self.weight_change = nn.Parameter(torch.zeros_like(weight))
        self.bias_change = nn.Parameter(torch.zeros_like(bias))

    def changed(self, share: float = 1.0) -> tuple[Tensor, Tensor]:
        """Return weight and bias with a share of what was learned."""
        return (
            self.weight + share * self.weight_change * self.weight_unit,
            self.bias + share * self.bias_change * self.bias_unit,
        )

    def forward(self, picture: Tensor) -> Tensor:
        """Convolve, and bound what comes out where the file says so."""
        out = self.convolved(picture)
        return functional.relu6(out) if self.relu6 else out

    def convolved(self, picture: Tensor) -> Tensor:
        """Convolve, with LiteRT's padding."""
        sides = _same_padding(picture, self.weight.shape[-1], self.stride) if self.same else [0]
        even = len(set(sides)) == 1  # then no copy of the picture has to be made
        padded = picture if even else functional.pad(picture, sides)
        weight, bias = self.changed()
        padding = sides[0] if even else 0
        return functional.conv2d(padded, weight, bias, self.stride, padding, groups=self.groups)

    def measure_units(self, picture: Tensor) -> None:
        """Set the units by what goes in and comes out."""
        comes_out = _not_tiny(self.convolved(picture).transpose(0, 1).flatten(1).std(1))
        goes_in = _not_tiny(picture.transpose(0, 1).flatten(1).square().mean(1).sqrt())
        of_channel = self.weight.flatten(1).square().mean(1).sqrt()[:, None]
        per_input = (comes_out / goes_in)[:, None] if self.groups > 1 else comes_out[:, None] / goes_in
        unit = torch.minimum(per_input / self.weight[0].numel() ** 0.5, of_channel)
        self.weight_unit = unit[:, :, None, None].expand_as(self.weight).clone()
        self.bias_unit = comes_out


@dataclass(frozen=True)
class Step:
    """One operator: what it does, and the numbers of the values that it reads and makes."""

    apply: Callable[..., Tensor]
    reads: tuple[int, ...]
    makes: int


class BlazePoseNetwork(nn.Module):
    """The network of a LiteRT file; in `trained_from` on its convolutions, counted from the picture, learn."""

    def __init__(self, content: bytes, trained_from: int = 0):
        super().__init__()
        model = schema.ModelT.InitFromPackedBuf(content, 0)
        graph = model.subgraphs[0]
        self._input, self._outputs = int(graph.inputs[0]), [int(tensor) for tensor in graph.outputs]
        layers: list[Convolution] = []
        self._names: list[tuple[str, str]] = []
        self._steps: list[Step] = []
        halves: dict[int, int] = {}
        for operator in graph.operators:
            reads, makes = [int(tensor) for tensor in operator.inputs], int(operator.outputs[0])
            kind = operator_kind(model, operator)
            if kind == "DEQUANTIZE":
                halves[makes] = reads[0]
            elif kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
                stored = [halves[tensor] for tensor in reads[1:]]
                weight, bias = (torch.from_numpy(constant(model, tensor)).float() for tensor in stored)
                layer = _convolution(operator.builtinOptions, weight, bias, kind == "DEPTHWISE_CONV_2D")
                layers.append(layer)
                self._names.append((name_of(model, stored[0]), name_of(model, stored[1])))
                self._steps.append(Step(layer, (reads[0],), makes))
            else:
                constants = [constant(model, tensor) for tensor in reads[1:] if kind in _WITH_CONSTANT]
                values = reads[: len(reads) - len(constants)]
                apply = _OPERATORS[kind](operator.builtinOptions, *constants)
                self._steps.append(Step(apply, tuple(values), makes))
        for layer in layers[:trained_from]:
            layer.requires_grad_(False)
        self._layers = tuple(layers)
        self.convolutions = nn.ModuleList(layers)

    def forward(self, pictures: Float[Tensor, "batch 3 256 256"]) -> RawReading:
        """Read crops, values 0 to 1."""
        values = {self._input: pictures.contiguous(memory_format=torch.channels_last)}
        for step in self._steps:
            values[step.makes] = step.apply(*(values[number] for number in step.reads))
        landmarks, score, heatmaps, world, _ = (values[number] for number in self._outputs)
        rows = landmarks.view(-1, POINTS, 5)  # x, y, z in crop pixels, then visibility and presence as logits
        return RawReading(
            rows[..., :2],
            rows[:, :LANDMARK_COUNT, 3:],
            score[:, 0],
            heatmaps,
            world.view(-1, POINTS, 3)[:, :LANDMARK_COUNT],
        )

    @torch.no_grad()
    def measure_units(self, pictures: Float[Tensor, "batch 3 256 256"]) -> None:
        """Set by some typical crops in which units changes are learned."""
        hooks = [
            layer.register_forward_pre_hook(lambda layer, seen: layer.measure_units(*seen))
            for layer in self._layers
        ]
        self(pictures)
        for hook in hooks:
            hook.remove()

    @torch.no_grad()
    def changed_weights(self, share: float = 1.0) -> dict[str, Tensor]:
        """Return the weights with a share of what was learned, by their names in the file, in its layout."""
        changed = {}
        for layer, (weight_name, bias_name) in zip(self._layers, self._names, strict=True):
            if layer.weight_change.requires_grad:
                weight, bias = layer.changed(share)
                changed[weight_name] = weight.permute((1, 2, 3, 0) if layer.groups > 1 else (0, 2, 3, 1))
                changed[bias_name] = bias
        return changed


def _convolution(options: Any, weight: Tensor, bias: Tensor, depthwise: bool) -> Convolution:
    """Return a layer of the file's weights: [out, y, x, in], depthwise [1, y, x, out]."""
    weight = weight.permute(3, 0, 1, 2) if depthwise else weight.permute(0, 3, 1, 2)
    return Convolution(
        weight.contiguous(memory_format=torch.channels_last),
        bias,
        stride=options.strideH,
        groups=len(weight) if depthwise else 1,
        same=options.padding == schema.Padding.SAME,
        relu6=_is_relu6(options),
    )


def _is_relu6(options: Any) -> bool:
    return bool(options.fusedActivationFunction == schema.ActivationFunctionType.RELU6)


def _same_padding(picture: Tensor, kernel: int, stride: int) -> list[int]:
    """Return how much LiteRT adds left, right, above and below: where it is odd, more of it after."""
    sides = []
    for length in (picture.shape[-1], picture.shape[-2]):
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        sides += [total // 2, total - total // 2]
    return sides


def _not_tiny(sizes: Tensor) -> Tensor:
    return sizes.clamp(min=float(LEAST_SHARE * sizes.median()) + 1e-6)


def _add(options: Any) -> Callable[[Tensor, Tensor], Tensor]:
    relu6 = _is_relu6(options)
    return lambda one, other: functional.relu6(one + other) if relu6 else one + other


def _pad(_: Any, sides: np.ndarray) -> Callable[[Tensor], Tensor]:
    _, (above, below), (left, right), _ = sides.tolist()
    return lambda picture: functional.pad(picture, (left, right, above, below))


def _resize(_: Any, size: np.ndarray) -> Callable[[Tensor], Tensor]:
    return lambda picture: functional.interpolate(
        picture, size.tolist(), mode="bilinear", align_corners=False
    )


def _pool(options: Any) -> Callable[[Tensor], Tensor]:
    return lambda picture: functional.max_pool2d(picture, options.filterHeight, options.strideH)


# Operators besides convolutions; a reshape only takes away the axes of pictures of one pixel.
_OPERATORS: dict[str, Callable[..., Callable[..., Tensor]]] = {
    "ADD": _add,
    "PAD": _pad,
    "RESIZE_BILINEAR": _resize,
    "MAX_POOL_2D": _pool,
    "RESHAPE": lambda _, __: lambda picture: picture.flatten(1),
    "LOGISTIC": lambda _: torch.sigmoid,
}
_WITH_CONSTANT = frozenset({"PAD", "RESIZE_BILINEAR", "RESHAPE"})
