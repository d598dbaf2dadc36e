"""Squared ReLU. Derivation: crosscheck/catalog/activations/relu_squared.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import array
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep


def relu_squared(x: Tensor) -> Tensor:
    """Square of the rectified linear unit.

        x² if x > 0, 0 if x <= 0

    At 0 the second derivative is that of the side x <= 0: 0.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: So et al. 2021, https://arxiv.org/abs/2109.08668
    """
    return _ReluSquared.call(array("relu_squared", "x", x))


def _slope_times(x: Tensor, g: Tensor) -> Tensor:
    # Slope 0 at 0, unlike that of clamp; and 2 x alone may overflow.
    return (2 * (widen(g) * torch.relu(widen(x)))).to(x.dtype)


class _ReluSquared(Function):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return widen(x).clamp(min=0).square().to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        (x,) = inputs
        keep(ctx, x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return _slope_times(x, g)

    @staticmethod
    def jvp(ctx: Any, tx: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return _slope_times(x, tx)
