"""The logarithm of softmax. Derivation: crosscheck/catalog/softmax/log_softmax.py."""

import math
from typing import Any

from torch import Tensor

from torchlayers.axes import from_end, masking
from torchlayers.checks import array
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.simplex import balance, centre, fill, log_sum, shifted


def log_softmax(x: Tensor, mask: Tensor | None = None, axis: int = -1) -> Tensor:
    """The logarithm of softmax along an axis, as accurate near 0 as far below it.

        x - log Σ exp(x)

    Entries of -inf, and those that the mask leaves out, have no part: the value is -inf and the
    gradient 0, whatever they hold, and so are all of a row in which nothing is left. What is -inf
    because it is beyond the type, as -70000 is in float16, counts as left out too.

    Args:
        x: (...), with at least one axis.
        mask: truth values of a shape that broadcasts to x's, false where x is left out; or None.
        axis: the one along which the probabilities add up to 1.

    Raises:
        TypeError: x is not a floating-point tensor, mask not one of truth values, or axis not an
            int.
        ValueError: mask does not broadcast to x, or x has no such axis.

    Reference: Blanchard, Higham and Higham 2021, https://arxiv.org/abs/1909.03469
    """
    x = array("log_softmax", "x", x)
    axis = from_end("log_softmax", axis, x.ndim)
    return _LogSoftmax.call(x, masking("log_softmax", mask, tuple(x.shape)), axis)


def _taking_part(y: Tensor, t: Tensor) -> Tensor:
    return t.masked_fill(y == -math.inf, 0)


class _LogSoftmax(Function):
    @staticmethod
    def forward(x: Tensor, mask: Tensor | None, axis: int) -> Tensor:
        z, _ = shifted(fill(widen(x), mask), axis)
        return (z - log_sum(z, axis)).masked_fill(z == -math.inf, -math.inf).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        *_, ctx.axis = inputs
        keep(ctx, output)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (y,) = ctx.saved_tensors
        dx = balance(widen(y).exp(), _taking_part(y, widen(g)), ctx.axis)
        return dx.to(y.dtype), None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        (y,) = ctx.saved_tensors
        ty = centre(widen(y).exp(), _taking_part(y, widen(tx)), ctx.axis)
        return _taking_part(y, ty).to(y.dtype)
