"""Affine function of two variables. Derivation: crosscheck/catalog/models/affine.py."""

from typing import Any

from torch import Tensor

from torchlayers.axes import broadcast, reduce_to
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep


def affine(x: Tensor, y: Tensor, w1: Tensor, w2: Tensor, w3: Tensor) -> Tensor:
    """Affine function of two variables, entry by entry.

        w1 x + w2 y + w3

    Args:
        x, y: (...)
        w1, w2, w3: (...), mostly (1) or (); all shapes broadcast together.

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: the shapes do not broadcast together.

    Reference: crosscheck/catalog/models/affine.py
    """
    x, y, w1, w2, w3 = broadcast("affine", x=x, y=y, w1=w1, w2=w2, w3=w3)
    return _Affine.call(x, y, w1, w2, w3)


class _Affine(Function):
    @staticmethod
    def forward(x: Tensor, y: Tensor, w1: Tensor, w2: Tensor, w3: Tensor) -> Tensor:
        return (widen(w1) * widen(x) + widen(w2) * widen(y) + widen(w3)).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        x, y, w1, w2, w3 = inputs
        keep(ctx, x, y, w1, w2)
        ctx.shape = w3.shape

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, y, w1, w2 = ctx.saved_tensors
        need_x, need_y, need_w1, need_w2, need_w3 = ctx.needs_input_grad
        dx = reduce_to(widen(g) * widen(w1), x.shape).to(x.dtype) if need_x else None
        dy = reduce_to(widen(g) * widen(w2), y.shape).to(x.dtype) if need_y else None
        dw1 = reduce_to(widen(g) * widen(x), w1.shape).to(x.dtype) if need_w1 else None
        dw2 = reduce_to(widen(g) * widen(y), w2.shape).to(x.dtype) if need_w2 else None
        dw3 = reduce_to(widen(g), ctx.shape).to(x.dtype) if need_w3 else None
        return dx, dy, dw1, dw2, dw3

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, ty: Tensor, tw1: Tensor, tw2: Tensor, tw3: Tensor) -> Tensor:
        x, y, w1, w2 = (widen(a) for a in ctx.saved_tensors)
        tx, ty, tw1, tw2, tw3 = (widen(t) for t in (tx, ty, tw1, tw2, tw3))
        t = w1 * tx + w2 * ty + (tw1 * x + tw2 * y) + tw3
        return t.to(ctx.saved_tensors[0].dtype)
