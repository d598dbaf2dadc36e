"""Whole numbers as arguments: positions, and places in a table.

The same words as in `torchlayers`; only types, dtypes and shapes are looked at, never values.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxlayers.checks import _kind


def whole(layer: str, name: str, value: Any) -> Array:
    """An argument as an array, of whole numbers; those too large for JAX stay too large.

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
    return _fitted(value)


def _fitted(x: Array | np.ndarray | np.generic) -> Array:
    """`x` of a type that JAX's largest holds, at whose ends numbers beyond it stay; JAX wraps them.

    The ends themselves name nothing: no row, class, side or position that is turned.
    """
    largest = np.iinfo(jax.dtypes.canonicalize_dtype(np.int64))  # of 32 bits unless x64 is on
    if np.can_cast(x.dtype, largest.dtype):
        return jnp.asarray(x)
    if isinstance(x, Array) and x.dtype.itemsize <= largest.dtype.itemsize:
        return jnp.minimum(x, largest.max).astype(largest.dtype)  # it has no sign
    low, high = bounded(largest.min, x.dtype), bounded(largest.max, x.dtype)
    return jnp.asarray(np.clip(np.asarray(x), low, high).astype(largest.dtype))


def bounded(n: int, dtype: np.dtype) -> int:
    """The number nearest to `n` that the type holds."""
    ends = jnp.iinfo(dtype)
    return max(int(ends.min), min(n, int(ends.max)))


def wide(x: Array) -> Array:
    """`x` with a sign and in 32 bits at least, as what it is compared with may need."""
    return x.astype(jnp.promote_types(x.dtype, jnp.int32))


def within(x: Array, low: int, high: int) -> Array:
    """Where low <= x < high."""
    return (x >= low) & (x < high)
