"""Losses of pairs: a function of two tensors entry by entry, then its mean, its sum, or neither."""

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.reductions import reduced, shared

Formula = Callable[..., Tensor]


def paired(
    name: str,
    value: Formula,
    slope_x: Formula,
    slope_y: Formula | None = None,
    rows: bool = False,
) -> Callable[..., Tensor]:
    """The loss of x and y, given the formulas of f and of its two slopes.

        dx = g ∂f/∂x,  dy = g ∂f/∂y        with g / n for the mean of n

    All take x, y and the layer's settings, and compute in float32 or float64; the derivatives of
    the slopes are left to autodiff. Labels y have no slope. With `rows`, f is summed along the last
    axis first. Only x and y are kept for the backward pass.
    """

    def total(entries: Tensor, reduction: str) -> Tensor:
        losses = entries.sum(-1) if rows else entries
        return reduced(losses, reduction, losses.numel())

    class Loss(Function, name=name):
        @staticmethod
        def forward(x: Tensor, y: Tensor, reduction: str, *settings: Any) -> Tensor:
            return total(value(widen(x), widen(y), *settings), reduction).to(x.dtype)

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
            x, y, ctx.reduction, *ctx.settings = inputs
            keep(ctx, x, y)

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
            x, y = ctx.saved_tensors
            count = math.prod(x.shape[: -1 if rows else None])
            g = shared(g.unsqueeze(-1) if rows and g.ndim else g, ctx.reduction, count)

            def pulled(slope: Formula) -> Tensor:
                return (g * slope(widen(x), widen(y), *ctx.settings)).to(x.dtype)

            need_x, need_y, *others = ctx.needs_input_grad
            dx = pulled(slope_x) if need_x else None
            dy = pulled(slope_y) if need_y and slope_y else None
            return dx, dy, *(None for _ in others)

        @staticmethod
        def jvp(ctx: Any, tx: Tensor, ty: Tensor, *_: None) -> Tensor:
            x, y = ctx.saved_tensors
            pair = widen(x), widen(y), *ctx.settings
            t = slope_x(*pair) * widen(tx)
            if slope_y:
                t = t + slope_y(*pair) * widen(ty)
            return total(t, ctx.reduction).to(x.dtype)

    return Loss.call
