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
from jaxlayers.simplex import fill, log_sum, probabilities, shifted


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
    """
    x = array("logsumexp", "x", x)
    axis = from_end("logsumexp", axis, x.ndim)
    return _logsumexp(x, masking("logsumexp", mask, x), axis)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _value(x: Array, axis: int) -> Array:
    z, m = shifted(x, axis)
    return jnp.squeeze(m + log_sum(z, axis), axis)


@_value.defjvp
def _(axis: int, x: tuple[Array], tx: tuple[Array]) -> tuple[Array, Array]:
    p = probabilities(*x, axis)
    return _value(*x, axis), jnp.sum(_taking_part(p, p * tx[0]), axis)


def _taking_part(p: Array, t: Array) -> Array:
    return jnp.where(p == 0, 0, t)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _logsumexp(x: Array, mask: Array | None, axis: int) -> Array:
    return _value(fill(widen(x), mask), axis).astype(x.dtype)


def _forward(x: Array, mask: Array | None, axis: int) -> tuple[Array, Any]:
    return _value(fill(widen(x), mask), axis).astype(x.dtype), (x, mask)


def _backward(axis: int, kept: Any, g: Array) -> tuple[Array, None]:
    x, mask = kept
    g = jnp.expand_dims(widen(g), axis)
    p = probabilities(fill(widen(again(x, g)), mask), axis)
    dx = _taking_part(p, p * g)
    return dx.astype(x.dtype), None


_logsumexp.defvjp(_forward, _backward)
