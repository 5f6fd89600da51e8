"""Packed products against torch's own."""

import pytest
import torch
from torch.nn.functional import linear

from tcmr.model.products import PackedProduct


@pytest.mark.parametrize("rows", [1, 3, 256, 1000])
def test_packed_weights_serve_any_number_of_rows(rows):
    torch.manual_seed(rows)
    weight, bias, inputs = torch.randn(30, 20), torch.randn(30), torch.randn(2, rows, 20)
    product = PackedProduct()
    with torch.no_grad():
        for _ in range(2):
            torch.testing.assert_close(product(inputs, weight, bias), linear(inputs, weight, bias))


def test_gradients_flow_as_through_any_product():
    weight, bias = torch.randn(5, 4, requires_grad=True), torch.zeros(5)
    PackedProduct()(torch.ones(3, 4), weight, bias).sum().backward()
    torch.testing.assert_close(weight.grad, torch.full((5, 4), 3.0))


def test_double_precision_stays_double():
    weight, bias, inputs = (torch.randn(*shape, dtype=torch.float64) for shape in [(5, 4), (5,), (3, 4)])
    with torch.no_grad():
        torch.testing.assert_close(PackedProduct()(inputs, weight, bias), inputs @ weight.T + bias)
