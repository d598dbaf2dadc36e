"""Sparsemax along an axis. Derivation: crosscheck/catalog/softmax/sparsemax.py."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.axes import from_end, masking
from jaxlayers.checks import array
from jaxlayers.dtypes import widen
from jaxlayers.simplex import fill, shifted


def sparsemax(x: Array, mask: Array | None = None, axis: int = -1) -> Array:
    """The nearest probabilities to x, along an axis; unlike those of softmax, many are 0.

        max(x - τ, 0), with τ such that they add up to 1

    Entries of -inf, and those that the mask leaves out, have no part: value and gradient are 0,
    whatever they hold, and so are all of a row in which nothing is left. Where an entry is just 0,
    so is its gradient.

    Args:
        x: (...), with at least one axis.
        mask: truth values of a shape that broadcasts to x's, false where x is left out; or None.
        axis: the one along which the probabilities add up to 1.

    Raises:
        TypeError: x is not a floating-point array, mask not one of truth values, or axis not an
            int.
        ValueError: mask does not broadcast to x, or x has no such axis.

    Reference: Martins and Astudillo 2016, https://arxiv.org/abs/1602.02068
    """
    x = array("sparsemax", "x", x)
    axis = from_end("sparsemax", axis, x.ndim)
    return _sparsemax(x, masking("sparsemax", mask, x.shape), axis)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _value(x: Array, axis: int) -> Array:
    z = jnp.moveaxis(shifted(x, axis)[0], axis, -1)
    down = jnp.sort(z, -1, descending=True)
    total, k = jnp.cumsum(down, -1), jnp.arange(1, z.shape[-1] + 1, dtype=z.dtype)
    chosen = 1 + k * down > total
    count = jnp.maximum(jnp.sum(chosen, -1, keepdims=True), 1).astype(z.dtype)
    tau = (jnp.sum(jnp.where(chosen, down, 0), -1, keepdims=True) - 1) / count
    y = jnp.where(z == -jnp.inf, 0, jnp.maximum(z - tau, 0))
    return jnp.moveaxis(y, -1, axis)


@_value.defjvp
def _(axis: int, x: tuple[Array], tx: tuple[Array]) -> tuple[Array, Array]:
    y = _value(*x, axis)
    return y, _levelled(y, *tx, axis)


def _levelled(y: Array, t: Array, axis: int) -> Array:
    """t less its mean over the entries in S, and 0 outside; NaN stays what it is."""
    chosen = y != 0
    t = jnp.where(chosen, t, 0)
    count = jnp.maximum(jnp.sum(chosen, axis, keepdims=True), 1).astype(t.dtype)
    level = t - jnp.sum(t, axis, keepdims=True) / count
    return jnp.where(jnp.isnan(y), y, jnp.where(chosen, level, 0))


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _sparsemax(x: Array, mask: Array | None, axis: int) -> Array:
    return _value(fill(widen(x), mask), axis).astype(x.dtype)


def _forward(x: Array, mask: Array | None, axis: int) -> tuple[Array, Array]:
    y = _value(fill(widen(x), mask), axis).astype(x.dtype)
    return y, y


def _backward(axis: int, y: Array, g: Array) -> tuple[Array, None]:
    y = again(y, g)
    dx = _levelled(widen(y), widen(g), axis)
    return dx.astype(y.dtype), None


_sparsemax.defvjp(_forward, _backward)
