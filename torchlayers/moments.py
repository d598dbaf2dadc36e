"""Rows over their size, and how that moves: what the layers that normalise share.

    v = c / σ,  σ² = Σ c² / count + eps,  c = x or x - mean x        tv = (ct - v Σ v t / count) / σ

with ct = t or t - mean t. Derivation: crosscheck/catalog/normalization/layer_norm.py. The map from
t to tv is its own transpose. Where one entry makes up most of c it maps that entry, and v, nearly
to 0: then t is measured from those that it annuls, and what is left of v is e = eps / σ².
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from torchlayers.axes import reduce_to
from torchlayers.dtypes import divisor, widen
from torchlayers.function import Function, keep


@dataclass(frozen=True)
class Rows:
    """How a layer's entries form rows: x is reshaped to `view`, and a row lies along `axes`.

    w and b, of one axis, are reshaped to `per`.
    """

    eps: float
    view: tuple[int, ...]
    axes: tuple[int, ...] = (-1,)
    per: tuple[int, ...] = ()
    centred: bool = True
    averaged: bool = True

    @property
    def length(self) -> int:
        return math.prod([self.view[axis] for axis in self.axes])

    @property
    def count(self) -> int:
        return self.length if self.averaged else 1


class Scaled(NamedTuple):
    """v and e = eps / σ², with σ = s r in two factors of which neither overflows."""

    v: Tensor
    e: Tensor
    s: Tensor
    r: Tensor


def _sum(x: Tensor, rows: Rows) -> Tensor:
    return x.sum(rows.axes, keepdim=True)


def _mean(x: Tensor, rows: Rows, far: Tensor | None = None) -> Tensor:
    if far is None:
        return x.mean(rows.axes, keepdim=True)
    return _sum(x.masked_fill(far, 0), rows) / _sum(~far, rows)


def less_mean(x: Tensor, rows: Rows, far: Tensor | None = None) -> Tensor:
    """x less its mean, and less the mean of that: the first is off by its own rounding."""
    x = x - _mean(x, rows, far)
    return x - _mean(x, rows, far)


def _scaled(x: Tensor, rows: Rows) -> Scaled:
    c = less_mean(x, rows) if rows.centred else x
    root = max(math.sqrt(rows.eps), torch.finfo(x.dtype).tiny)
    # v does not change with s, so s has no derivative.
    sizes = c.detach().abs()
    s = divisor((sizes.amax if x.numel() else sizes.sum)(rows.axes, keepdim=True).clamp(min=root))
    a, q = c / s, root / s
    square = _sum(a * a, rows) / rows.count + q * q
    r = square.sqrt()
    return Scaled(a / r, q * q / square, s, r)


def _far(v: Tensor, rows: Rows) -> Tensor:
    """Whether an entry makes up most of its row; one at most does."""
    if not rows.centred:
        return v * v > 5 / 8 * rows.count
    if rows.length == 2:
        return (v > 0) & (v * v > 1 / 2)
    return v * v > rows.length / 2


def _across(t: Tensor, x: Tensor, scaled: Scaled, rows: Rows) -> Tensor:
    """σ tv, by t less k times those d that are measured as x is: from the mean without the far."""
    v, e, s, r = scaled
    far, d = _far(v, rows), v
    if rows.centred:
        t = t - _mean(t, rows, far)
        d = less_mean(x, rows, far) / s / r
    k = _sum((t / d.masked_fill(~far, 1)).masked_fill(~far, 0), rows)
    t = (t - k * d).masked_fill(far, 0)
    if rows.centred:
        t = (t - _mean(t, rows, far)).masked_fill(far, 0)
    return t + v * (k * e - _sum(d * t, rows) / rows.count)


def _curved(x: Tensor, t: Tensor, tx: Tensor, rows: Rows) -> Tensor:
    """The derivative, along tx, of the derivative of v along t."""
    v, tv = Standard.call(x, rows), Along.call(x, t, rows)
    moved = Along.call(x, tx, rows)
    _, _, s, r = _scaled(x, rows)
    curved = tv * _sum(v * tx, rows) + moved * _sum(v * t, rows) + v * _sum(tv * tx, rows)
    return -curved / rows.count / r / s


class Standard(Function):
    """v, with its derivative."""

    @staticmethod
    def forward(x: Tensor, rows: Rows) -> Tensor:
        return _scaled(x, rows).v

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, ctx.rows = inputs
        keep(ctx, x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (x,) = ctx.saved_tensors
        return Along.call(x, g, ctx.rows), None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        (x,) = ctx.saved_tensors
        return Along.call(x, tx, ctx.rows)


class Along(Function):
    """The derivative tv of v along t.

    v is not an output of it too: of one that t has no part in, vmap sums the gradients once a row.
    """

    @staticmethod
    def forward(x: Tensor, t: Tensor, rows: Rows) -> Tensor:
        scaled = _scaled(x, rows)
        return _across(t, x, scaled, rows) / scaled.r / scaled.s

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, t, ctx.rows = inputs
        keep(ctx, x, t)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (x, t), rows = ctx.saved_tensors, ctx.rows
        need_x, need_t, _ = ctx.needs_input_grad
        dx = _curved(x, t, g, rows) if need_x else None
        return dx, Along.call(x, g, rows) if need_t else None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, tt: Tensor, *_: None) -> Tensor:
        (x, t), rows = ctx.saved_tensors, ctx.rows
        return Along.call(x, tt, rows) + _curved(x, t, tx, rows)


def normalise(x: Tensor, w: Tensor | None, b: Tensor | None, rows: Rows) -> Tensor:
    """v w + b; w and b may be None. Keeps x and w for the backward pass."""
    return _Normalise.call(x, w, b, rows)


def _wide(a: Tensor, shape: tuple[int, ...]) -> Tensor:
    return widen(a).reshape(shape)


def _affine(v: Tensor, w: Tensor | None, b: Tensor | None, rows: Rows) -> Tensor:
    y = v if w is None else v * _wide(w, rows.per)
    return y if b is None else y + _wide(b, rows.per)


def per_channel(a: Tensor, rows: Rows) -> Tensor:
    """The gradient of w or b."""
    n = math.prod(rows.per)  # -1 would be ambiguous under a vmap over nothing
    return reduce_to(a, rows.per).reshape(n)


class _Normalise(Function):
    @staticmethod
    def forward(x: Tensor, w: Tensor | None, b: Tensor | None, rows: Rows) -> Tensor:
        v = _scaled(_wide(x, rows.view), rows).v
        return _affine(v, w, b, rows).reshape(x.shape).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, w, _, ctx.rows = inputs
        keep(ctx, x, *([] if w is None else [w]))

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (x, *weight), rows = ctx.saved_tensors, ctx.rows
        need_x, need_w, need_b, _ = ctx.needs_input_grad
        w, g = (weight or [None])[0], _wide(g, rows.view)
        z, dx, dw = _wide(x, rows.view), None, None
        if need_x:
            dx = Along.call(z, _affine(g, w, None, rows), rows).reshape(x.shape).to(x.dtype)
        if need_w:
            dw = per_channel(g * Standard.call(z, rows), rows).to(x.dtype)
        return dx, dw, per_channel(g, rows).to(x.dtype) if need_b else None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, tw: Tensor | None, tb: Tensor | None, _: None) -> Tensor:
        (x, *weight), rows = ctx.saved_tensors, ctx.rows
        z = _wide(x, rows.view)
        ty = _affine(Along.call(z, _wide(tx, rows.view), rows), (weight or [None])[0], tb, rows)
        ty = ty if tw is None else ty + _affine(Standard.call(z, rows), tw, None, rows)
        return ty.reshape(x.shape).to(x.dtype)
