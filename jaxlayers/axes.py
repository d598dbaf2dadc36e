"""Axes that broadcast, that are summed away again, and that a setting names.

The same words as in `torchlayers`; only types, dtypes and shapes are looked at, never values.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxlayers.checks import _kind, _one_dtype, array, integer


def same_dtype(layer: str, **named: Any) -> tuple[Array, ...]:
    """The arguments as arrays of one floating-point dtype, of any shapes.

    Raises:
        TypeError: not an array, not floating point, or several dtypes.
    """
    return tuple(_one_dtype(layer, {k: array(layer, k, v) for k, v in named.items()}).values())


def broadcast(layer: str, **named: Any) -> tuple[Array, ...]:
    """The same for shapes that broadcast together by NumPy's rules; the shapes stay as they are.

    Raises:
        TypeError: not an array, not floating point, or several dtypes.
        ValueError: shapes that do not broadcast.
    """
    values = same_dtype(layer, **named)
    try:
        np.broadcast_shapes(*(x.shape for x in values))
    except ValueError:
        got = ", ".join(f"{k} {x.shape}" for k, x in zip(named, values, strict=True))
        raise ValueError(
            f"{layer}: expected shapes that broadcast together, got {got}; reshape them so that "
            "lengths, counted from the last axis, are equal or 1"
        ) from None
    return values


def reduce_to(a: Array, shape: tuple[int, ...]) -> Array:
    """`a` summed over the axes along which an array of that shape was broadcast."""
    lead = a.ndim - len(shape)
    stretched = (lead + i for i, n in enumerate(shape) if n != a.shape[lead + i])
    return jnp.sum(a, (*range(lead), *stretched)).reshape(shape)


def from_end(layer: str, axis: Any, ndim: int) -> int:
    """An axis of an array of `ndim` axes, counted from the end: -1 is the last.

    Raises:
        TypeError: not an int.
        ValueError: out of range.
    """
    axis = integer(layer, "axis", axis, "name one axis")
    if not -ndim <= axis < ndim:
        wanted = f"an axis from {-ndim} to {ndim - 1}" if ndim else "arrays with axes"
        raise ValueError(
            f"{layer}: expected {wanted}, got axis {axis}; the arrays have {ndim} axes"
        )
    return axis - ndim if axis >= 0 else axis


def masking(layer: str, mask: Any, shape: tuple[int, ...], what: str = "x") -> Array | None:
    """A mask for what has that shape: None, or truth values that broadcast to it.

    Raises:
        TypeError: not an array of truth values.
        ValueError: another shape.
    """
    if mask is None:
        return None
    known = isinstance(mask, (Array, np.ndarray))
    if not known or mask.dtype != bool:
        raise TypeError(
            f"{layer}: expected mask to be an array of truth values, got "
            f"{mask.dtype.name if known else _kind(mask)}; compare, as in mask != 0"
        )
    _broadcasts_to(layer, mask.shape, shape, what)
    return jnp.asarray(mask)


def _broadcasts_to(layer: str, mask: tuple[int, ...], shape: tuple[int, ...], what: str) -> None:
    pairs = zip(mask[::-1], shape[::-1], strict=False)
    if len(mask) > len(shape) or any(n not in (1, length) for n, length in pairs):
        raise ValueError(
            f"{layer}: expected a mask that broadcasts to {what}, got mask {mask}, {what} {shape}; "
            f"reshape it so that its lengths, counted from the last axis, are those of {what} or 1"
        )
