"""Probabilities along an axis, p = exp(x) / Σ exp(x): what softmax and its relatives share.

An entry of -inf has no part, as if it were not there: its p is 0. Where all entries are so, all p
are. Where one p is nearly 1, its 1 - p must come from the others: 1 less p is only as good as 1.
"""

import math
from typing import Any

import torch
from torch import Tensor

from torchlayers.blocks import unwatched
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep

TOP = 0.6  # no two p are above it, not even as exp of a logarithm that was rounded to 8 bits


def fill(x: Tensor, mask: Tensor | None = None) -> Tensor:
    """`x` with -inf where the mask is false."""
    return x if mask is None else torch.where(mask, x, -math.inf)


def shifted(x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """x - m, which is 0 at most, and m = max(x); 0 in place of an m of -inf."""
    m = (x.amax if x.shape[axis] else x.sum)(axis, keepdim=True)
    m = m.masked_fill(m == -math.inf, 0)
    return x - m, m


def log_sum(z: Tensor, axis: int) -> Tensor:
    """log Σ exp(z) for the largest z at 0, whose 1 is not added; -inf where all z are."""
    largest = ~(z < 0)
    others = z.exp().masked_fill(largest, 0).sum(axis, keepdim=True)
    return (others + (largest.sum(axis, keepdim=True) - 1)).log1p()


def centre(p: Tensor, t: Tensor, axis: int) -> Tensor:
    """t - Σ p t; of the entry whose p is nearly 1, from the differences of the others to it."""
    t = t - t.masked_fill(p <= TOP, 0).sum(axis, keepdim=True)
    return t - (p * t).sum(axis, keepdim=True)


def balance(p: Tensor, g: Tensor, axis: int) -> Tensor:
    """g - p Σ g, the transpose of `centre`: what it gives adds up to 0."""
    top = p > TOP
    others = (g - p * g.sum(axis, keepdim=True)).masked_fill(top, 0)
    return torch.where(top, -others.sum(axis, keepdim=True), others)


def spread(p: Tensor, t: Tensor, axis: int) -> Tensor:
    """The derivative of p along t, p (t - Σ p t), which is its own transpose."""
    return spread_into(p, t.masked_fill(p == 0, 0), axis)


def spread_into(p: Tensor, t: Tensor, axis: int) -> Tensor:
    """The same for finite t, which is written into where nobody sees it."""
    if not p.shape[axis] or not unwatched(p, t):
        return p * centre(p, t, axis)
    top, place = p.max(axis, keepdim=True)
    t = t.sub_(t.gather(axis, place).masked_fill_(top <= TOP, 0)).mul_(p)
    return t.addcmul_(p, t.sum(axis, keepdim=True), value=-1)


def normalized(z: Tensor, axis: int) -> Tensor:
    """exp(z) / Σ exp(z), 0 if all z are -inf; z is written into where nobody sees it."""
    unseen = unwatched(z)
    e = z.exp_() if unseen else z.exp()
    total = e.sum(axis, keepdim=True)
    total = total.masked_fill(total == 0, 1)
    return e.div_(total) if unseen else e / total


class Probabilities(Function):
    """exp(x) / Σ exp(x), with its derivative; keeps its output."""

    @staticmethod
    def forward(x: Tensor, mask: Tensor | None, axis: int) -> Tensor:
        return normalized(shifted(fill(widen(x), mask), axis)[0], axis).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        *_, ctx.axis = inputs
        keep(ctx, output)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (y,) = ctx.saved_tensors
        dx = spread(widen(y), widen(g), ctx.axis)
        return dx.to(y.dtype), None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        (y,) = ctx.saved_tensors
        ty = spread(widen(y), widen(tx), ctx.axis)
        return ty.to(y.dtype)


class LogTotal(Function):
    """log Σ exp(x), with its derivative; keeps its input."""

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


def _weighted(ctx: Any, t: Tensor) -> Tensor:
    """p t, and 0 where p is, whatever t holds there."""
    x, *mask = ctx.saved_tensors
    p = Probabilities.call(widen(x), *mask or [None], ctx.axis)
    return (p * widen(t)).masked_fill(p == 0, 0)
