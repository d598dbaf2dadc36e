"""Rectified linear unit. Derivation: crosscheck/catalog/activations/relu.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import array
from torchlayers.function import Function, keep


def relu(x: Tensor) -> Tensor:
    """Rectified linear unit.

        x if x > 0, 0 if x <= 0

    The slope at 0 and at -0 is 0, the value at -0 is 0. NaN passes through, with slope 1.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Nair and Hinton 2010, Rectified linear units improve restricted Boltzmann machines.
    """
    return _Relu.call(array("relu", "x", x))


def _where_positive(x: Tensor, g: Tensor) -> Tensor:
    """0 where x <= 0, else g; unlike `torch.where` it has a second derivative: zeros."""
    return torch.ops.aten.threshold_backward(g, x, 0)


class _Relu(Function):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.clamp(min=0)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        (x,) = inputs
        keep(ctx, x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return _where_positive(x, g)

    @staticmethod
    def jvp(ctx: Any, tx: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return _where_positive(x, tx)
