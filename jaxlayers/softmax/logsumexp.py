"""The logarithm of a sum of exponentials. Derivation: crosscheck/catalog/softmax/logsumexp.py."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.axes import from_end, masking
from jaxlayers.checks import array
from jaxlayers.dtypes import widen
from jaxlayers.simplex import fill, log_total, probabilities, weighted


def logsumexp(x: Array, mask: Array | None = None, axis: int = -1) -> Array:
    """The logarithm of a sum of exponentials along an axis, which is summed away.

        log Σ exp(x)

    Entries of -inf, and those that the mask leaves out, have no part: their gradient is 0, whatever
    they hold. Of a row in which nothing is left the value is -inf.

    Args:
        x: (...), with at least one axis.
        mask: truth values of a shape that broadcasts to x's, false where x is left out; or None.
        axis: the one to sum along.

    Raises:
        TypeError: x is not a floating-point array, mask not one of truth values, or axis not an
            int.
        ValueError: mask does not broadcast to x, or x has no such axis.

    Reference: Blanchard, Higham and Higham 2021, https://arxiv.org/abs/1909.03469
    """
    x = array("logsumexp", "x", x)
    axis = from_end("logsumexp", axis, x.ndim)
    return _logsumexp(x, masking("logsumexp", mask, x.shape), axis)


def _value(x: Array, mask: Array | None, axis: int) -> Array:
    return jnp.squeeze(log_total(fill(widen(x), mask), axis), axis).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _logsumexp(x: Array, mask: Array | None, axis: int) -> Array:
    return _value(x, mask, axis)


def _forward(x: Array, mask: Array | None, axis: int) -> tuple[Array, Any]:
    return _value(x, mask, axis), (x, mask)


def _backward(axis: int, kept: Any, g: Array) -> tuple[Array, None]:
    x, mask = kept
    g = jnp.expand_dims(widen(g), axis)
    p = probabilities(fill(widen(again(x, g)), mask), axis)
    dx = weighted(p, g)
    return dx.astype(x.dtype), None


_logsumexp.defvjp(_forward, _backward)
