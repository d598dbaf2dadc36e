"""Labels: whole numbers that say what is right, never floating point.

The same words as in `torchlayers`; only types and shapes are looked at, never values.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxlayers.checks import _fit, _kind, array


def labelled(layer: str, labels: Any, axes: str, **named: Any) -> tuple[Array, Array]:
    """One argument as an array of floating point with such axes, and labels for its leading ones.

    Raises:
        TypeError: not an array, or not of floating point or of whole numbers.
        ValueError: shapes that do not fit.
    """
    ((name, value),) = named.items()
    x, whole = array(layer, name, value), _whole(layer, labels)
    shapes = {name: x.shape, "labels": whole.shape}
    _fit(layer, shapes, {name: axes.split(), "labels": ["..."]})
    return x, whole


def _whole(layer: str, labels: Any) -> Array:
    known = isinstance(labels, (Array, np.ndarray, np.generic))
    if not known or not jnp.issubdtype(labels.dtype, jnp.integer):
        raise TypeError(
            f"{layer}: expected labels to be an array of whole numbers, got "
            f"{labels.dtype.name if known else _kind(labels)}; pass int32 or int64"
        )
    return jnp.asarray(labels)


def signed(labels: Array) -> Array:
    """Labels in a type that holds negative numbers too, to compare them with any."""
    return labels.astype(jnp.int32) if labels.dtype.itemsize < 4 else labels
