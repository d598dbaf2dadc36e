"""Gated pairs: a function of one tensor times another tensor, y = f(a) b."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from torchlayers.dtypes import widen
from torchlayers.elementwise import level
from torchlayers.function import Function, keep


def gated(value: Any, first: Any, second: Any) -> Callable[[Tensor, Tensor], Tensor]:
    """The product f(a) b, given the formulas of f, f' and f''.

        da = b (g f'(a)),  db = g f(a)

    f and f' are levels of a tower, so that second derivatives are as accurate as f' and f''. Only a
    and b are kept for the backward pass. g f' comes first: f' is near 1 at most, and g b may
    overflow where f' is 0.
    """
    slope = level(first, second)
    curve = level(value, slope)

    class Product(Function, name=value.__name__):
        @staticmethod
        def forward(a: Tensor, b: Tensor) -> Tensor:
            return (value(widen(a)) * widen(b)).to(a.dtype)

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
            keep(ctx, *inputs)

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
            a, b = ctx.saved_tensors
            need_a, need_b = ctx.needs_input_grad
            da = (widen(b) * (widen(g) * slope(widen(a)))).to(a.dtype) if need_a else None
            db = (widen(g) * curve(widen(a))).to(b.dtype) if need_b else None
            return da, db

        @staticmethod
        def jvp(ctx: Any, ta: Tensor, tb: Tensor) -> Tensor:
            a, b = ctx.saved_tensors
            t = widen(b) * (widen(ta) * slope(widen(a))) + widen(tb) * curve(widen(a))
            return t.to(a.dtype)

    return Product.call
