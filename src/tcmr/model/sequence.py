"""The temporal encoder over a whole sequence at once: the same numbers as window by window, in half the work.

Neighbouring windows share frames. Each frame's input projection is computed once for all windows that see it,
and the last layer takes only the steps that reach the target. The recurrence itself cannot be shared: every
window starts from a state of zero. docs/encoder_speed.md counts the operations.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from tcmr.model.encoder import TemporalEncoder, TemporalFeatures
from tcmr.model.products import Product


def encode_sequence(
    encoder: TemporalEncoder, static: Float[Tensor, "clips frames size"], product: Product = linear
) -> TemporalFeatures:
    """Encode every full window of each clip; the results have axes [clips, frames - window + 1, size].

    The first result's target is frame `encoder.target`. `product` multiplies with the recurrent networks' weights.
    """
    window, target = encoder.window, encoder.target
    count = static.shape[1] - window + 1
    past = _last_state(_cells(encoder.gru_bef, "", product), static, list(range(target)), count)
    future = _last_state(
        _cells(encoder.gru_aft, "", product), static, list(range(window - 1, target, -1)), count
    )
    forward, backward = (_cells(encoder.gru_cur, direction, product) for direction in ("", "_reverse"))
    current = _bidirectional(forward, backward, static, window, target, count)
    return encoder.integrate(past, current, future)


@dataclass(frozen=True)
class _Cell:
    """One layer and direction of a GRU."""

    product: Product
    input_weight: Tensor
    state_weight: Tensor
    input_bias: Tensor
    state_bias: Tensor

    def project(self, inputs: Tensor) -> Tensor:
        """Return what inputs contribute to the gates."""
        return self.product(inputs, self.input_weight, self.input_bias)

    def run(self, projected: list[Tensor]) -> list[Tensor]:
        """Step through projected inputs from a state of zero; return the state after each."""
        first, *later = projected
        nothing = first.new_zeros(*first.shape[:-1], self.state_weight.shape[1])
        states = [self.step(first, self.state_bias.expand_as(first), nothing)]
        for step in later:
            gates = self.product(states[-1], self.state_weight, self.state_bias)
            states.append(self.step(step, gates, states[-1]))
        return states

    @staticmethod
    def step(projected: Tensor, gates: Tensor, state: Tensor) -> Tensor:
        """Return the next state, of what the inputs and the state contribute to the gates.

        Source: the equations of torch.nn.GRU.
        """
        both = 2 * state.shape[-1]
        reset, update = (projected[..., :both] + gates[..., :both]).sigmoid_().chunk(2, -1)
        new = torch.addcmul(projected[..., both:], reset, gates[..., both:]).tanh_()
        return torch.lerp(new, state, update)


def _cells(gru: nn.GRU, direction: str, product: Product) -> list[_Cell]:
    """Return a GRU's layers in one direction ("" or "_reverse")."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return [
        _Cell(product, *(getattr(gru, f"{name}_l{layer}{direction}") for name in names))
        for layer in range(gru.num_layers)
    ]


def _shared_inputs(cell: _Cell, static: Tensor, steps: list[int], count: int) -> list[Tensor]:
    """Project each frame once; step t of all windows is then a slice."""
    projected = cell.project(static)
    return [projected[:, step : step + count] for step in steps]


def _last_state(cells: list[_Cell], static: Tensor, steps: list[int], count: int) -> Tensor:
    """Run one direction's layers over `steps` of every window; return the last state."""
    states = cells[0].run(_shared_inputs(cells[0], static, steps, count))
    for cell in cells[1:]:
        states = cell.run([cell.project(state) for state in states])
    return states[-1]


def _bidirectional(
    forward: list[_Cell], backward: list[_Cell], static: Tensor, window: int, target: int, count: int
) -> Tensor:
    """Run both directions; return their joined output at the target."""
    there, back = list(range(window)), list(range(window - 1, -1, -1))
    to_target, from_end = there[: target + 1], back[: window - target]
    last = len(forward) - 1
    inputs: list[Tensor] = []
    for layer, (ahead, behind) in enumerate(zip(forward, backward, strict=True)):
        steps_ahead = to_target if layer == last else there
        steps_behind = from_end if layer == last else back
        if layer == 0:
            ahead_in = _shared_inputs(ahead, static, steps_ahead, count)
            behind_in = _shared_inputs(behind, static, steps_behind, count)
        else:
            ahead_in = [ahead.project(inputs[step]) for step in steps_ahead]
            behind_in = [behind.project(inputs[step]) for step in steps_behind]
        ahead_states, behind_states = ahead.run(ahead_in), behind.run(behind_in)
        if layer == last:
            return torch.cat([ahead_states[-1], behind_states[-1]], -1)
        inputs = [torch.cat(pair, -1) for pair in zip(ahead_states, reversed(behind_states), strict=True)]
    raise AssertionError("a GRU has at least one layer")
