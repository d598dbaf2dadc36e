"""ReLU with a learned slope. Derivation: crosscheck/catalog/activations/prelu.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.axes import reduce_to, same_dtype
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep


def prelu(x: Tensor, slope: Tensor) -> Tensor:
    """Rectified linear unit with a learned slope below 0.

        x if x > 0, slope x if x <= 0

    At 0 the derivatives are those of the side x <= 0.

    Args:
        x: (...), or (n, c, ...) where each channel has a slope of its own.
        slope: () or (1), one for all, or (c), one for each index of axis 1.

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: slope has another shape.

    Reference: He et al. 2015, https://arxiv.org/abs/1502.01852
    """
    x, slope = same_dtype("prelu", x=x, slope=slope)
    return _Prelu.call(x, slope, _shape(tuple(x.shape), tuple(slope.shape)))


def _shape(x: tuple[int, ...], slope: tuple[int, ...]) -> tuple[int, ...]:
    """The shape in which slope broadcasts along axis 1 of x."""
    if slope in ((), (1,)):
        return ()
    if len(slope) == 1 and x[1:2] == slope:
        return (*slope, *(1 for _ in x[2:]))
    raise ValueError(
        f"prelu: expected slope of shape () or (1), or (c) with x (n, c, ...), got slope {slope}, "
        f"x {x}; give one slope for all, or one for each index of axis 1"
    )


class _Prelu(Function):
    @staticmethod
    def forward(x: Tensor, slope: Tensor, shape: tuple[int, ...]) -> Tensor:
        s = widen(slope).reshape(shape)
        return torch.where(x > 0, x, s * widen(x)).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, slope, ctx.shape = inputs
        keep(ctx, x, slope)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, slope = ctx.saved_tensors
        need_x, need_slope, _ = ctx.needs_input_grad
        s, g = widen(slope).reshape(ctx.shape), widen(g)
        dx = torch.where(x > 0, g, s * g).to(x.dtype) if need_x else None
        if not need_slope:
            return dx, None, None
        ds = reduce_to(torch.where(x > 0, 0, g * widen(x)), ctx.shape)
        return dx, ds.reshape(slope.shape).to(slope.dtype), None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, ts: Tensor, _: None) -> Tensor:
        x, slope = ctx.saved_tensors
        s, ts, tx = widen(slope).reshape(ctx.shape), widen(ts).reshape(ctx.shape), widen(tx)
        return torch.where(x > 0, tx, s * tx + ts * widen(x)).to(x.dtype)
