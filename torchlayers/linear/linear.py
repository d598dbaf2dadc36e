"""Linear map with an optional bias. Derivation: crosscheck/catalog/linear/linear.py."""

import math
from typing import Any

from torch import Tensor

from torchlayers.checks import arrays
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep


def linear(x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    """Linear map with an optional bias.

        y = x w + b

    Args:
        x: (..., in)
        w: (in, out)
        b: (out) or None

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: the shapes do not fit.

    Reference: crosscheck/catalog/linear/linear.py
    """
    x, w, b = arrays("linear", optional="b", x=(x, "... in"), w=(w, "in out"), b=(b, "out"))
    return _Linear.call(x, w, b)


def _rows(a: Tensor) -> Tensor:
    """All axes but the last made one; -1 would not do, an axis may have length 0."""
    return widen(a).reshape(math.prod(a.shape[:-1]), a.shape[-1])


class _Linear(Function):
    @staticmethod
    def forward(x: Tensor, w: Tensor, b: Tensor | None) -> Tensor:
        y = widen(x) @ widen(w)
        return (y if b is None else y + widen(b)).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, w, _ = inputs
        keep(ctx, x, w)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, w = ctx.saved_tensors
        need_x, need_w, need_b = ctx.needs_input_grad
        dx = (widen(g) @ widen(w).T).to(x.dtype) if need_x else None
        dw = (_rows(x).T @ _rows(g)).to(w.dtype) if need_w else None
        db = _rows(g).sum(0).to(w.dtype) if need_b else None
        return dx, dw, db

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, tw: Tensor, tb: Tensor | None) -> Tensor:
        x, w = ctx.saved_tensors
        ty = widen(tx) @ widen(w) + widen(x) @ widen(tw)
        return (ty if tb is None else ty + widen(tb)).to(x.dtype)
