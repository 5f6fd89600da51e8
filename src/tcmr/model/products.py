"""Products with weights that stay as they are: laid out for the processor once, then used for any number of rows."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import linear

PACKED_ROWS = 256  # for which the layout is chosen; it serves any number


# Whatever multiplies as `torch.nn.functional.linear` does: inputs, weight, bias -> outputs.
Product = Callable[[Tensor, Tensor, Tensor], Tensor]


class PackedProduct:
    """A product that packs each weight for oneDNN when it first sees it.

    Plain `linear` works elsewhere than in single precision on the CPU, and where gradients are wanted. A weight
    must not change once it was used here.
    """

    def __init__(self) -> None:
        self._packed: dict[Tensor, Tensor] = {}

    def __call__(
        self,
        inputs: Float[Tensor, "*batch size"],
        weight: Float[Tensor, "out size"],
        bias: Float[Tensor, " out"],
    ) -> Float[Tensor, "*batch out"]:
        """Return inputs @ weight.T + bias."""
        if not _can_pack(weight):
            return linear(inputs, weight, bias)
        if weight not in self._packed:
            self._packed[weight] = torch.ops.mkldnn._reorder_linear_weight(weight, PACKED_ROWS)
        return torch.ops.mkldnn._linear_pointwise(inputs, self._packed[weight], bias, "none", [], "")


def _can_pack(weight: Tensor) -> bool:
    return (
        torch.backends.mkldnn.is_available()
        and not torch.is_grad_enabled()
        and weight.device.type == "cpu"
        and weight.dtype == torch.float32
    )
