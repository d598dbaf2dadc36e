"""Linear map with an optional bias. Derivation: crosscheck/catalog/linear/linear.py."""

import math
from functools import partial
from typing import Any

import jax
from jax import Array

from jaxlayers.checks import arrays
from jaxlayers.dtypes import widen


def linear(x: Array, w: Array, b: Array | None = None) -> Array:
    """Linear map with an optional bias.

        y = x w + b

    Args:
        x: (..., in)
        w: (in, out)
        b: (out) or None

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes do not fit.

    Reference: crosscheck/catalog/linear/linear.py
    """
    x, w, b = arrays("linear", optional="b", x=(x, "... in"), w=(w, "in out"), b=(b, "out"))
    return _linear(x, w, b, b is not None)


def _value(x: Array, w: Array, b: Array | None) -> Array:
    y = widen(x) @ widen(w)
    return (y if b is None else y + widen(b)).astype(x.dtype)


def _rows(a: Array) -> Array:
    """All axes but the last made one; -1 would not do, an axis may have length 0."""
    return widen(a).reshape(math.prod(a.shape[:-1]), a.shape[-1])


@partial(jax.custom_vjp, nondiff_argnums=(3,))
def _linear(x: Array, w: Array, b: Array | None, biased: bool) -> Array:
    return _value(x, w, b)


def _forward(x: Array, w: Array, b: Array | None, biased: bool) -> tuple[Array, Any]:
    return _value(x, w, b), (x, w)


def _backward(biased: bool, kept: Any, g: Array) -> tuple[Array, Array, Array | None]:
    x, w = kept
    dx = (widen(g) @ widen(w).T).astype(x.dtype)
    dw = (_rows(x).T @ _rows(g)).astype(w.dtype)
    db = _rows(g).sum(0).astype(w.dtype) if biased else None
    return dx, dw, db


_linear.defvjp(_forward, _backward)
