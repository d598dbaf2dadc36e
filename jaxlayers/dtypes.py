"""Sixteen-bit arrays are computed with in float32, and the result is rounded once."""

import jax.numpy as jnp
from jax import Array


def widen(x: Array) -> Array:
    """`x` in the type to compute in: float32 for float16 and bfloat16, else its own."""
    return x.astype(jnp.float32) if x.dtype.itemsize == 2 else x
