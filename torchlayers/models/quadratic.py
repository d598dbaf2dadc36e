"""Quadratic polynomial. Derivation: crosscheck/catalog/models/quadratic.py."""

from typing import Any

from torch import Tensor

from torchlayers.axes import broadcast, reduce_to
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep


def quadratic(x: Tensor, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """Quadratic polynomial, entry by entry.

        a x² + b x + c

    Args:
        x: (...)
        a, b, c: (...), mostly (1) or (); all shapes broadcast together.

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: the shapes do not broadcast together.

    Reference: crosscheck/catalog/models/quadratic.py
    """
    x, a, b, c = broadcast("quadratic", x=x, a=a, b=b, c=c)
    return _Quadratic.call(x, a, b, c)


class _Quadratic(Function):
    @staticmethod
    def forward(x: Tensor, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
        x_ = widen(x)
        return ((widen(a) * x_ + widen(b)) * x_ + widen(c)).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        x, a, b, c = inputs
        keep(ctx, x, a, b)
        ctx.shape = c.shape

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, a, b = (widen(k) for k in ctx.saved_tensors)
        need_x, need_a, need_b, need_c = ctx.needs_input_grad
        gx = widen(g) * x
        dx = reduce_to(2 * a * gx + b * widen(g), x.shape).to(g.dtype) if need_x else None
        da = reduce_to(gx * x, a.shape).to(g.dtype) if need_a else None
        db = reduce_to(gx, b.shape).to(g.dtype) if need_b else None
        dc = reduce_to(widen(g), ctx.shape).to(g.dtype) if need_c else None
        return dx, da, db, dc

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, ta: Tensor, tb: Tensor, tc: Tensor) -> Tensor:
        x, a, b = (widen(k) for k in ctx.saved_tensors)
        t = (2 * a * x + b) * widen(tx) + (widen(ta) * x + widen(tb)) * x + widen(tc)
        return t.to(tx.dtype)
