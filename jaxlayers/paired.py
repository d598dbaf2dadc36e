"""Losses of pairs: a function of two arrays entry by entry, then its mean, its sum, or neither."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
from jax import Array

from jaxlayers.again import again
from jaxlayers.dtypes import widen
from jaxlayers.reductions import reduced, shared

Formula = Callable[..., Array]


def paired(
    value: Formula, slope_x: Formula, slope_y: Formula | None = None, rows: bool = False
) -> Callable[..., Array]:
    """The loss of x and y, given the formulas of f and of its two slopes.

        dx = g ∂f/∂x,  dy = g ∂f/∂y        with g / n for the mean of n

    All take x, y and the layer's settings, and compute in float32 or float64; the derivatives of
    the slopes are left to autodiff. Labels y have no slope. With `rows`, f is summed along the last
    axis first. Only x and y are kept for the backward pass.
    """

    @partial(jax.custom_jvp, nondiff_argnums=(2,))
    def entries(x: Array, y: Array, settings: tuple[Any, ...]) -> Array:
        return value(x, y, *settings)

    @entries.defjvp
    def _(settings: tuple[Any, ...], xy: Any, tangents: Any) -> tuple[Array, Array]:
        slopes = ((slope_x, tangents[0]), (slope_y, tangents[1]))
        terms = [slope(*xy, *settings) * t for slope, t in slopes if slope]
        return entries(*xy, settings), sum(terms[1:], terms[0])

    def total(x: Array, y: Array, reduction: str, settings: tuple[Any, ...]) -> Array:
        losses = entries(widen(x), widen(y), settings)
        losses = losses.sum(-1) if rows else losses
        return reduced(losses, reduction, losses.size).astype(x.dtype)

    def forward(x: Array, y: Array, *how: Any) -> tuple[Array, tuple[Array, Array]]:
        return total(x, y, *how), (x, y)

    def backward(
        reduction: str, settings: tuple[Any, ...], kept: Any, g: Array
    ) -> tuple[Array, Array | None]:
        count = math.prod(kept[0].shape[: -1 if rows else None])
        g = shared(g[..., None] if rows and g.ndim else g, reduction, count)
        x, y = (again(a, g) for a in kept)
        pair = widen(x), widen(y)
        dx = (g * slope_x(*pair, *settings)).astype(x.dtype)
        return dx, (g * slope_y(*pair, *settings)).astype(x.dtype) if slope_y else None

    rule = jax.custom_vjp(total, nondiff_argnums=(2, 3))
    rule.defvjp(forward, backward)
    return lambda x, y, reduction, *settings: rule(x, y, reduction, settings)
