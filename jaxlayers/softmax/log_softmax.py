"""The logarithm of softmax. Derivation: crosscheck/catalog/softmax/log_softmax.py."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.axes import from_end, masking
from jaxlayers.checks import array
from jaxlayers.dtypes import widen
from jaxlayers.simplex import balance, centre, fill, log_sum, shifted


def log_softmax(x: Array, mask: Array | None = None, axis: int = -1) -> Array:
    """The logarithm of softmax along an axis, as accurate near 0 as far below it.

        x - log Σ exp(x)

    Entries of -inf, and those that the mask leaves out, have no part: the value is -inf and the
    gradient 0, whatever they hold, and so are all of a row in which nothing is left. What is -inf
    because it is beyond the type, as -70000 is in float16, counts as left out too.

    Args:
        x: (...), with at least one axis.
        mask: truth values of a shape that broadcasts to x's, false where x is left out; or None.
        axis: the one along which the probabilities add up to 1.

    Raises:
        TypeError: x is not a floating-point array, mask not one of truth values, or axis not an
            int.
        ValueError: mask does not broadcast to x, or x has no such axis.

    Reference: Blanchard, Higham and Higham 2021, https://arxiv.org/abs/1909.03469
    """
    x = array("log_softmax", "x", x)
    axis = from_end("log_softmax", axis, x.ndim)
    return _log_softmax(x, masking("log_softmax", mask, x.shape), axis)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _value(x: Array, axis: int) -> Array:
    z, _ = shifted(x, axis)
    return jnp.where(z == -jnp.inf, z, z - log_sum(z, axis))


@_value.defjvp
def _(axis: int, x: tuple[Array], tx: tuple[Array]) -> tuple[Array, Array]:
    y = _value(*x, axis)
    return y, _taking_part(y, centre(jnp.exp(y), _taking_part(y, *tx), axis))


def _taking_part(y: Array, t: Array) -> Array:
    return jnp.where(y == -jnp.inf, 0, t)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _log_softmax(x: Array, mask: Array | None, axis: int) -> Array:
    return _value(fill(widen(x), mask), axis).astype(x.dtype)


def _forward(x: Array, mask: Array | None, axis: int) -> tuple[Array, Array]:
    y = _value(fill(widen(x), mask), axis).astype(x.dtype)
    return y, y


def _backward(axis: int, y: Array, g: Array) -> tuple[Array, None]:
    y = again(y, g)
    dx = balance(jnp.exp(widen(y)), _taking_part(y, widen(g)), axis)
    return dx.astype(y.dtype), None


_log_softmax.defvjp(_forward, _backward)
