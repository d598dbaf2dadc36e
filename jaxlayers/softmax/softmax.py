"""Softmax along an axis. Derivation: crosscheck/catalog/softmax/softmax.py."""

from functools import partial

import jax
from jax import Array

from jaxlayers.again import again
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

    Reference: Bridle 1990, Training stochastic model recognition algorithms as networks can lead to
    maximum mutual information estimation of parameters.
    """
    x = array("softmax", "x", x)
    axis = from_end("softmax", axis, x.ndim)
    return _softmax(x, masking("softmax", mask, x.shape), axis)


def _value(x: Array, mask: Array | None, axis: int) -> Array:
    return probabilities(fill(widen(x), mask), axis).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _softmax(x: Array, mask: Array | None, axis: int) -> Array:
    return _value(x, mask, axis)


def _forward(x: Array, mask: Array | None, axis: int) -> tuple[Array, Array]:
    y = _value(x, mask, axis)
    return y, y


def _backward(axis: int, y: Array, g: Array) -> tuple[Array, None]:
    y = again(y, g)
    dx = spread(widen(y), widen(g), axis)
    return dx.astype(y.dtype), None


_softmax.defvjp(_forward, _backward)
