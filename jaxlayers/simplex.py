"""Probabilities along an axis, p = exp(x) / Σ exp(x): what softmax and its relatives share.

An entry of -inf has no part, as if it were not there: its p is 0. Where all entries are so, all p
are. Where one p is nearly 1, its 1 - p must come from the others: 1 less p is only as good as 1.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

TOP = 0.6  # no two p are above it, not even as exp of a logarithm that was rounded to 8 bits


def fill(x: Array, mask: Array | None = None) -> Array:
    """`x` with -inf where the mask is false."""
    return x if mask is None else jnp.where(mask, x, -jnp.inf)


def shifted(x: Array, axis: int) -> tuple[Array, Array]:
    """x - m, which is 0 at most, and m = max(x); 0 in place of an m of -inf."""
    m = jnp.max(x, axis, keepdims=True, initial=-jnp.inf)
    m = jnp.where(m == -jnp.inf, 0, m)
    return x - m, m


def log_sum(z: Array, axis: int) -> Array:
    """log Σ exp(z) for the largest z at 0, whose 1 is not added; -inf where all z are."""
    below = z < 0
    others = jnp.sum(jnp.where(below, jnp.exp(z), 0), axis, keepdims=True)
    largest = jnp.sum(~below, axis, keepdims=True).astype(z.dtype)
    return jnp.log1p(others + (largest - 1))


def centre(p: Array, t: Array, axis: int) -> Array:
    """t - Σ p t; of the entry whose p is nearly 1, from the differences of the others to it."""
    t = t - jnp.sum(jnp.where(p > TOP, t, 0), axis, keepdims=True)
    return t - jnp.sum(p * t, axis, keepdims=True)


def balance(p: Array, g: Array, axis: int) -> Array:
    """g - p Σ g, the transpose of `centre`: what it gives adds up to 0."""
    top = p > TOP
    others = jnp.where(top, 0, g - p * jnp.sum(g, axis, keepdims=True))
    return jnp.where(top, -jnp.sum(others, axis, keepdims=True), others)


def spread(p: Array, t: Array, axis: int) -> Array:
    """The derivative of p along t, p (t - Σ p t), which is its own transpose."""
    return p * centre(p, jnp.where(p == 0, 0, t), axis)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def probabilities(x: Array, axis: int) -> Array:
    """exp(x) / Σ exp(x), with its derivative."""
    e = jnp.exp(shifted(x, axis)[0])
    total = jnp.sum(e, axis, keepdims=True)
    return e / jnp.where(total == 0, 1, total)


@probabilities.defjvp
def _(axis: int, x: tuple[Array], tx: tuple[Array]) -> tuple[Array, Array]:
    p = probabilities(*x, axis)
    return p, spread(p, *tx, axis)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def log_total(x: Array, axis: int) -> Array:
    """log Σ exp(x), with its derivative."""
    z, m = shifted(x, axis)
    return m + log_sum(z, axis)


@log_total.defjvp
def _(axis: int, x: tuple[Array], tx: tuple[Array]) -> tuple[Array, Array]:
    p = probabilities(*x, axis)
    return log_total(*x, axis), jnp.sum(weighted(p, *tx), axis, keepdims=True)


def weighted(p: Array, t: Array) -> Array:
    """p t, and 0 where p is, whatever t holds there."""
    return jnp.where(p == 0, 0, p * t)
