"""Sixteen bits are computed with in float32 and rounded once; scales stay where XLA can divide."""

import jax.numpy as jnp
from jax import Array


def widen(x: Array) -> Array:
    """`x` in the type to compute in: float32 for float16 and bfloat16, else its own."""
    return x.astype(jnp.float32) if x.dtype.itemsize == 2 else x


def divisor(s: Array) -> Array:
    """A scale, not so large that XLA, which divides by way of 1 / s, makes 0 of that."""
    return jnp.minimum(s, 1 / float(jnp.finfo(s.dtype).tiny))
