"""The logarithm of a sum of exponentials. Derivation: crosscheck/catalog/softmax/logsumexp.py."""

from typing import Any

from torch import Tensor

from torchlayers.axes import from_end, masking
from torchlayers.checks import array
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.simplex import Probabilities, fill, log_sum, shifted


def logsumexp(x: Tensor, mask: Tensor | None = None, axis: int = -1) -> Tensor:
    """The logarithm of a sum of exponentials along an axis, which is summed away.

        log Σ exp(x)

    Entries of -inf, and those that the mask leaves out, have no part: their gradient is 0, whatever
    they hold. Of a row in which nothing is left the value is -inf.

    Args:
        x: (...), with at least one axis.
        mask: truth values of a shape that broadcasts to x's, false where x is left out; or None.
        axis: the one to sum along.

    Raises:
        TypeError: x is not a floating-point tensor, mask not one of truth values, or axis not an
            int.
        ValueError: mask does not broadcast to x, or x has no such axis.
    """
    x = array("logsumexp", "x", x)
    axis = from_end("logsumexp", axis, x.ndim)
    return _Logsumexp.call(x, masking("logsumexp", mask, x), axis)


def _weighted(ctx: Any, t: Tensor) -> Tensor:
    """p t, and 0 where p is, whatever t holds there."""
    x, *mask = ctx.saved_tensors
    p = Probabilities.call(widen(x), *mask or [None], ctx.axis)
    return (p * widen(t)).masked_fill(p == 0, 0)


class _Logsumexp(Function):
    @staticmethod
    def forward(x: Tensor, mask: Tensor | None, axis: int) -> Tensor:
        z, m = shifted(fill(widen(x), mask), axis)
        return (m + log_sum(z, axis)).squeeze(axis).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, mask, ctx.axis = inputs
        keep(ctx, x, *([] if mask is None else [mask]))

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        dx = _weighted(ctx, g.unsqueeze(ctx.axis))
        return dx.to(g.dtype), None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        return _weighted(ctx, tx).sum(ctx.axis).to(tx.dtype)
