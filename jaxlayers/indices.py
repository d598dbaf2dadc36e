"""Whole numbers as arguments: positions, and places in a table.

The same words as in `torchlayers`; only types, dtypes and shapes are looked at, never values.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxlayers.checks import _kind


def whole(layer: str, name: str, value: Any) -> Array:
    """An argument as an array, of whole numbers.

    Raises:
        TypeError: not an array, or not of an integer type.
    """
    wanted = f"{layer}: expected {name} to be an array of whole numbers, got"
    if not isinstance(value, (Array, np.ndarray, np.generic)):
        raise TypeError(f"{wanted} {_kind(value)}; convert it with jnp.asarray({name})")
    if value.dtype.kind not in "iu":
        raise TypeError(
            f"{wanted} {value.dtype.name}; convert it, for example with {name}.astype(jnp.int32)"
        )
    return jnp.asarray(value)


def wide(x: Array) -> Array:
    """`x` in 32 bits at least, so that it can be compared with any number."""
    return x.astype(jnp.int32) if x.dtype.itemsize < 4 else x


def within(x: Array, low: int, high: int) -> Array:
    """Where low <= x < high."""
    return (x >= low) & (x < high) if x.dtype.kind == "i" else x < high
