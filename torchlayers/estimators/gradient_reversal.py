"""Gradient reversal. Derivation: crosscheck/catalog/estimators/gradient_reversal.py."""

from typing import Any

from torch import Tensor

from torchlayers.checks import array, number
from torchlayers.dtypes import widen
from torchlayers.function import Function


def gradient_reversal(x: Tensor, strength: float = 1.0) -> Tensor:
    """The identity, whose gradient comes back with its sign reversed.

        x

    The gradient is -strength times what comes in: what lies before it learns to do the opposite of
    what lies behind it.

    Args:
        x: (...)
        strength: a number; 0 lets no gradient through.

    Raises:
        TypeError: x is not a floating-point tensor, or strength not a Python number.
        ValueError: strength is not finite.

    Reference: Ganin and Lempitsky 2015, https://arxiv.org/abs/1409.7495
    """
    x = array("gradient_reversal", "x", x)
    return _GradientReversal.call(x, number("gradient_reversal", "strength", strength))


class _GradientReversal(Function):
    @staticmethod
    def forward(x: Tensor, strength: float) -> Tensor:
        return x.clone()  # of its own: PyTorch differentiates no Function that returns its input

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, float], output: Tensor) -> None:
        _, ctx.strength = inputs

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        return _GradientReversal.jvp(ctx, g), None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        return (-ctx.strength * widen(tx)).to(tx.dtype)
