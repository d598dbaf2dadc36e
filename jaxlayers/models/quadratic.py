"""Quadratic polynomial. Derivation: crosscheck/catalog/models/quadratic.py."""

from functools import partial
from typing import Any

import jax
from jax import Array

from jaxlayers.axes import broadcast, reduce_to
from jaxlayers.dtypes import widen


def quadratic(x: Array, a: Array, b: Array, c: Array) -> Array:
    """Quadratic polynomial, entry by entry.

        a x² + b x + c

    Args:
        x: (...)
        a, b, c: (...), mostly (1) or (); all shapes broadcast together.

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes do not broadcast together.

    Reference: crosscheck/catalog/models/quadratic.py
    """
    x, a, b, c = broadcast("quadratic", x=x, a=a, b=b, c=c)
    return _quadratic(x, a, b, c, c.shape)


def _value(x: Array, a: Array, b: Array, c: Array) -> Array:
    x_ = widen(x)
    return ((widen(a) * x_ + widen(b)) * x_ + widen(c)).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(4,))
def _quadratic(x: Array, a: Array, b: Array, c: Array, shape: tuple[int, ...]) -> Array:
    return _value(x, a, b, c)


def _forward(
    x: Array, a: Array, b: Array, c: Array, shape: tuple[int, ...]
) -> tuple[Array, tuple[Array, Array, Array]]:
    return _value(x, a, b, c), (x, a, b)


def _backward(shape: tuple[int, ...], kept: Any, g: Array) -> tuple[Array, ...]:
    x, a, b = (widen(k) for k in kept)
    gx = widen(g) * x
    dx = reduce_to(2 * a * gx + b * widen(g), x.shape).astype(g.dtype)
    da = reduce_to(gx * x, a.shape).astype(g.dtype)
    db = reduce_to(gx, b.shape).astype(g.dtype)
    dc = reduce_to(widen(g), shape).astype(g.dtype)
    return dx, da, db, dc


_quadratic.defvjp(_forward, _backward)
