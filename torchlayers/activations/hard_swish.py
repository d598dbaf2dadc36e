"""Hard swish. Derivation: crosscheck/catalog/activations/hard_swish.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import constant, elementwise, pulled


@pulled
def _first(g: Tensor, x: Tensor) -> Tensor:
    return torch.ops.aten.hardswish_backward(g, x)


def _second(x: Tensor) -> Tensor:
    return torch.ops.aten.hardtanh_backward(constant(x, 1 / 3), x, -3, 3)


@elementwise(_first, _second)
def hard_swish(x: Tensor) -> Tensor:
    """Product of x and its hard sigmoid.

        x min(max(x + 3, 0), 6) / 6

    The slope at -3 is 0 and at 3 it is 1; the value at -inf is 0. NaN passes through.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Howard et al. 2019, https://arxiv.org/abs/1905.02244
    """
    return x.clamp(min=-3) * torch.nn.functional.hardsigmoid(x)  # -inf times 0 would be NaN
