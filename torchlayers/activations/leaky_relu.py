"""Leaky ReLU. Derivation: crosscheck/catalog/activations/leaky_relu.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise, kernel, pulled


@pulled
def _first(g: Tensor, x: Tensor, negative_slope: float) -> Tensor:
    return torch.ops.aten.leaky_relu_backward(g, x, negative_slope, False)


def _second(x: Tensor, negative_slope: float) -> Tensor:
    return torch.zeros_like(x)


@elementwise(_first, _second)
@kernel
def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Leaky rectified linear unit.

        x if x > 0, negative_slope x if x <= 0

    The slope at 0 is negative_slope.

    Args:
        x: (...)
        negative_slope: a finite number.

    Raises:
        TypeError: x is not a floating-point tensor, or negative_slope not a Python number.
        ValueError: negative_slope is not finite.

    Reference: Maas et al. 2013, Rectifier nonlinearities improve neural network acoustic models.
    """
    if negative_slope == 0:
        return x.clamp(min=0)  # 0 times -inf would be NaN
    return torch.nn.functional.leaky_relu(x, negative_slope)
