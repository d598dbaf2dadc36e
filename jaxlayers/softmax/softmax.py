"""Softmax along an axis. Derivation: crosscheck/catalog/softmax/softmax.py."""

from functools import partial

import jax
from jax import Array

from jaxlayers.axes import from_end, masking
from jaxlayers.checks import array
from jaxlayers.dtypes import widen
from jaxlayers.simplex import fill, probabilities, spread


def softmax(x: Array, mask: Array | None = None, axis: int = -1) -> Array:
    """Probabilities in proportion to exp(x), along an axis.

        exp(x) / Σ exp(x)

    Entries of -inf, and those that the mask leaves out, have no part: value and gradient are 0,
    whatever they hold, and so are all of a row in which nothing is left.

    Args:
        x: (...), with at least one axis.
        mask: truth values of a shape that broadcasts to x's, false where x is left out; or None.
        axis: the one along which the probabilities add up to 1.

    Raises:
        TypeError: x is not a floating-point array, mask not one of truth values, or axis not an
            int.
        ValueError: mask does not broadcast to x, or x has no such axis.
    """
    x = array("softmax", "x", x)
    axis = from_end("softmax", axis, x.ndim)
    return _softmax(fill(x, masking("softmax", mask, x)), axis)


def _value(x: Array, axis: int) -> Array:
    return probabilities(widen(x), axis).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def _softmax(x: Array, axis: int) -> Array:
    return _value(x, axis)


def _forward(x: Array, axis: int) -> tuple[Array, Array]:
    y = _value(x, axis)
    return y, y


def _backward(axis: int, y: Array, g: Array) -> tuple[Array]:
    dx = spread(widen(y), widen(g), axis)
    return (dx.astype(y.dtype),)


_softmax.defvjp(_forward, _backward)
