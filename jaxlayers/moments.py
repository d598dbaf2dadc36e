"""Rows over their size, and how that moves: what the layers that normalise share.

    v = c / σ,  σ² = Σ c² / count + eps,  c = x or x - mean x        tv = (ct - v Σ v t / count) / σ

with ct = t or t - mean t. Derivation: crosscheck/catalog/normalization/layer_norm.py. The map from
t to tv is its own transpose. Where one entry makes up most of c it maps that entry, and v, nearly
to 0: then t is measured from those that it annuls, and what is left of v is e = eps / σ².
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.axes import reduce_to
from jaxlayers.dtypes import divisor, widen


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

    v: Array
    e: Array
    s: Array
    r: Array


def _mean(x: Array, rows: Rows, where: Array | None = None) -> Array:
    return jnp.mean(x, rows.axes, keepdims=True, where=where)


def _sum(x: Array, rows: Rows) -> Array:
    return jnp.sum(x, rows.axes, keepdims=True)


def less_mean(x: Array, rows: Rows, where: Array | None = None) -> Array:
    """x less its mean, and less the mean of that: the first is off by its own rounding."""
    x = x - _mean(x, rows, where)
    return x - _mean(x, rows, where)


def _scaled(x: Array, rows: Rows) -> Scaled:
    c = less_mean(x, rows) if rows.centred else x
    root = max(math.sqrt(rows.eps), float(jnp.finfo(x.dtype).tiny))
    # v does not change with s, so s has no derivative.
    s = jax.lax.stop_gradient(jnp.max(jnp.abs(c), rows.axes, keepdims=True, initial=root))
    s = divisor(s)
    a, q = c / s, root / s
    square = _sum(a * a, rows) / rows.count + q * q
    r = jnp.sqrt(square)
    return Scaled(a / r, q * q / square, s, r)


def _far(v: Array, rows: Rows) -> Array:
    """Whether an entry makes up most of its row; one at most does."""
    if not rows.centred:
        return v * v > 5 / 8 * rows.count
    if rows.length == 2:
        return (v > 0) & (v * v > 1 / 2)
    return v * v > rows.length / 2


def _across(t: Array, x: Array, scaled: Scaled, rows: Rows) -> Array:
    """σ tv, by t less k times those d that are measured as x is: from the mean without the far."""
    v, e, s, r = scaled
    far, d = _far(v, rows), v
    if rows.centred:
        t = t - _mean(t, rows, ~far)
        d = less_mean(x, rows, ~far) / s / r
    k = _sum(jnp.where(far, t / jnp.where(far, d, 1), 0), rows)
    t = jnp.where(far, 0, t - k * d)
    if rows.centred:
        t = jnp.where(far, 0, t - _mean(t, rows, ~far))
    return t + v * (k * e - _sum(d * t, rows) / rows.count)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def standard(x: Array, rows: Rows) -> Array:
    """v, with its derivative."""
    return _scaled(x, rows).v


@standard.defjvp
def _(rows: Rows, x: tuple[Array], tx: tuple[Array]) -> tuple[Array, Array]:
    return standard(*x, rows), along(*x, *tx, rows)


@partial(jax.custom_jvp, nondiff_argnums=(2,))
def along(x: Array, t: Array, rows: Rows) -> Array:
    """The derivative tv of v along t."""
    scaled = _scaled(x, rows)
    return _across(t, x, scaled, rows) / scaled.r / scaled.s


@along.defjvp
def _(rows: Rows, primals: Any, tangents: Any) -> Any:
    (x, t), (tx, tt) = primals, tangents
    v, tv, moved = standard(x, rows), along(x, t, rows), along(x, tx, rows)
    _, _, s, r = _scaled(x, rows)
    curved = tv * _sum(v * tx, rows) + moved * _sum(v * t, rows) + v * _sum(tv * tx, rows)
    return tv, along(x, tt, rows) - curved / rows.count / r / s


@partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def _normalise(x: Array, w: Array | None, b: Array | None, rows: Rows, biased: bool) -> Array:
    y = standard(widen(x).reshape(rows.view), rows)
    y = y if w is None else y * widen(w).reshape(rows.per)
    y = y if b is None else y + widen(b).reshape(rows.per)
    return y.reshape(x.shape).astype(x.dtype)


def _forward(x: Array, w: Array | None, b: Array | None, rows: Rows, biased: bool) -> Any:
    return _normalise.fun(x, w, b, rows, biased), (x, w)


def _backward(rows: Rows, biased: bool, kept: Any, g: Array) -> Any:
    x, w = kept
    z, g = widen(again(x, g)).reshape(rows.view), widen(g).reshape(rows.view)
    dx = along(z, g if w is None else g * widen(w).reshape(rows.per), rows)
    dw = None if w is None else per_channel(g * standard(z, rows), rows).astype(w.dtype)
    db = per_channel(g, rows).astype(x.dtype) if biased else None
    return dx.reshape(x.shape).astype(x.dtype), dw, db


def per_channel(a: Array, rows: Rows) -> Array:
    """The gradient of w or b."""
    return reduce_to(a, rows.per).reshape(-1)


_normalise.defvjp(_forward, _backward)


def normalise(x: Array, w: Array | None, b: Array | None, rows: Rows) -> Array:
    """v w + b; w and b may be None. Keeps x and w for the backward pass."""
    return _normalise(x, w, b, rows, b is not None)
