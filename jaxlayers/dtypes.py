"""Sixteen bits are computed with in float32 and rounded once; scales are divided by exactly."""

import jax
import jax.numpy as jnp
from jax import Array


def widen(x: Array) -> Array:
    """`x` in the type to compute in: float32 for float16 and bfloat16, else its own."""
    return x.astype(jnp.float32) if x.dtype.itemsize == 2 else x


def divisor(s: Array) -> Array:
    """The power of two next to a scale, which to divide by rounds nothing.

    XLA divides by way of 1 / s, two roundings else; it is not so large that 1 / s is flushed to 0.
    """
    of = jnp.finfo(s.dtype)
    s = jax.lax.reduce_precision(s, of.nexp, 0)
    return jnp.minimum(s, 1 / float(of.tiny))
