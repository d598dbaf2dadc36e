"""Affine function of two variables. Derivation: crosscheck/catalog/models/affine.py."""

from functools import partial
from typing import Any

import jax
from jax import Array

from jaxlayers.axes import broadcast, reduce_to
from jaxlayers.dtypes import widen


def affine(x: Array, y: Array, w1: Array, w2: Array, w3: Array) -> Array:
    """Affine function of two variables, entry by entry.

        w1 x + w2 y + w3

    Args:
        x, y: (...)
        w1, w2, w3: (...), mostly (1) or (); all shapes broadcast together.

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes do not broadcast together.

    Reference: crosscheck/catalog/models/affine.py
    """
    x, y, w1, w2, w3 = broadcast("affine", x=x, y=y, w1=w1, w2=w2, w3=w3)
    return _affine(x, y, w1, w2, w3, w3.shape)


def _value(x: Array, y: Array, w1: Array, w2: Array, w3: Array) -> Array:
    return (widen(w1) * widen(x) + widen(w2) * widen(y) + widen(w3)).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(5,))
def _affine(x: Array, y: Array, w1: Array, w2: Array, w3: Array, shape: tuple[int, ...]) -> Array:
    return _value(x, y, w1, w2, w3)


def _forward(
    x: Array, y: Array, w1: Array, w2: Array, w3: Array, shape: tuple[int, ...]
) -> tuple[Array, Any]:
    return _value(x, y, w1, w2, w3), (x, y, w1, w2)


def _backward(shape: tuple[int, ...], kept: Any, g: Array) -> tuple[Array, ...]:
    x, y, w1, w2 = kept
    dx = reduce_to(widen(g) * widen(w1), x.shape).astype(x.dtype)
    dy = reduce_to(widen(g) * widen(w2), y.shape).astype(x.dtype)
    dw1 = reduce_to(widen(g) * widen(x), w1.shape).astype(x.dtype)
    dw2 = reduce_to(widen(g) * widen(y), w2.shape).astype(x.dtype)
    dw3 = reduce_to(widen(g), shape).astype(x.dtype)
    return dx, dy, dw1, dw2, dw3


_affine.defvjp(_forward, _backward)
