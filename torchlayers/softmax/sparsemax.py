"""Sparsemax along an axis. Derivation: crosscheck/catalog/softmax/sparsemax.py."""

import math
from typing import Any

import torch
from torch import Tensor

from torchlayers.axes import from_end, masking
from torchlayers.checks import array
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.simplex import fill, shifted


def sparsemax(x: Tensor, mask: Tensor | None = None, axis: int = -1) -> Tensor:
    """The nearest probabilities to x, along an axis; unlike those of softmax, many are 0.

        max(x - τ, 0), with τ such that they add up to 1

    Entries of -inf, and those that the mask leaves out, have no part: value and gradient are 0,
    whatever they hold, and so are all of a row in which nothing is left. Where an entry is just 0,
    so is its gradient.

    Args:
        x: (...), with at least one axis.
        mask: truth values of a shape that broadcasts to x's, false where x is left out; or None.
        axis: the one along which the probabilities add up to 1.

    Raises:
        TypeError: x is not a floating-point tensor, mask not one of truth values, or axis not an
            int.
        ValueError: mask does not broadcast to x, or x has no such axis.

    Reference: Martins and Astudillo 2016, https://arxiv.org/abs/1602.02068
    """
    x = array("sparsemax", "x", x)
    axis = from_end("sparsemax", axis, x.ndim)
    return _Sparsemax.call(x, masking("sparsemax", mask, tuple(x.shape)), axis)


def _value(x: Tensor, axis: int) -> Tensor:
    z = shifted(x, axis)[0].movedim(axis, -1)
    down = z.sort(-1, descending=True).values
    total = down.cumsum(-1)
    k = torch.arange(1, z.shape[-1] + 1, dtype=z.dtype, device=z.device)
    chosen = 1 + k * down > total
    count = chosen.sum(-1, keepdim=True).clamp(min=1)
    tau = (down.masked_fill(~chosen, 0).sum(-1, keepdim=True) - 1) / count
    y = (z - tau).clamp(min=0).masked_fill(z == -math.inf, 0)
    return y.movedim(-1, axis).contiguous()


def _levelled(y: Tensor, t: Tensor, axis: int) -> Tensor:
    """t less its mean over the entries in S, and 0 outside; NaN stays what it is."""
    outside = y == 0
    t = t.masked_fill(outside, 0)
    count = (~outside).sum(axis, keepdim=True).clamp(min=1)
    level = (t - t.sum(axis, keepdim=True) / count).masked_fill(outside, 0)
    return torch.where(y.isnan(), y, level)


class _Sparsemax(Function):
    @staticmethod
    def forward(x: Tensor, mask: Tensor | None, axis: int) -> Tensor:
        return _value(fill(widen(x), mask), axis).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        *_, ctx.axis = inputs
        keep(ctx, output)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        return _Sparsemax.jvp(ctx, g), None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        (y,) = ctx.saved_tensors
        return _levelled(y, widen(tx), ctx.axis).to(y.dtype)
