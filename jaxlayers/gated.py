"""Gated pairs: a function of one array times another array, y = f(a) b."""

from collections.abc import Callable
from typing import Any

import jax
from jax import Array

from jaxlayers.again import again
from jaxlayers.dtypes import widen
from jaxlayers.elementwise import level


def gated(value: Any, first: Any, second: Any) -> Callable[[Array, Array], Array]:
    """The product f(a) b, given the formulas of f, f' and f''.

        da = b (g f'(a)),  db = g f(a)

    f and f' are levels of a tower, so that second derivatives are as accurate as f' and f''. Only a
    and b are kept for the backward pass. g f' comes first: f' is near 1 at most, and g b may
    overflow where f' is 0.
    """
    slope = level(first, second)
    curve = level(value, slope)

    @jax.custom_vjp
    def product(a: Array, b: Array) -> Array:
        return (curve(widen(a)) * widen(b)).astype(a.dtype)

    def forward(a: Array, b: Array) -> tuple[Array, tuple[Array, Array]]:
        return (curve(widen(a)) * widen(b)).astype(a.dtype), (a, b)

    def backward(kept: tuple[Array, Array], g: Array) -> tuple[Array, Array]:
        a, b = (again(x, g) for x in kept)
        da = widen(b) * (widen(g) * slope(widen(a)))
        db = widen(g) * curve(widen(a))
        return da.astype(a.dtype), db.astype(b.dtype)

    product.defvjp(forward, backward)
    return product
