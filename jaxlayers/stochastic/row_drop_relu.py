"""ReLU whose gradient loses rows. Derivation: crosscheck/catalog/stochastic/row_drop_relu.py."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.axes import from_end
from jaxlayers.checks import array
from jaxlayers.random import as_key, bernoulli, probability


def row_drop_relu(x: Array, key: Array, rate: float, axis: int = 0) -> Array:
    """Rectified linear unit whose gradient is zero in whole rows at random.

        x if x > 0, 0 if x <= 0;  dx = g where x > 0 and bernoulli(key, 1 - rate) of its row, else 0

    The value does not depend on the key. What is kept of the gradient is not scaled. The same key
    drops the same rows, however often the gradient is asked for.

    Args:
        x: (...), with at least one axis.
        key: (2,), a random key.
        rate: the part of the rows that is dropped, a number from 0 to 1.
        axis: the one that rows are counted along: 0 drops examples, -1 features.

    Raises:
        TypeError: x is not a floating-point array, key not a random key, rate not a Python number
            or axis not an int.
        ValueError: key has another shape, rate is not from 0 to 1, or x has no such axis.

    Reference: crosscheck/catalog/stochastic/row_drop_relu.py
    """
    x, key = array("row_drop_relu", "x", x), as_key("row_drop_relu", key)
    rate = probability("row_drop_relu", "rate", rate)
    return _row_drop_relu(x, key, rate, from_end("row_drop_relu", axis, x.ndim))


def _passed(x: Array, key: Array, rate: float, axis: int, g: Array) -> Array:
    """What passes of g: chosen, since an infinite entry times 0 would be NaN."""
    rows = bernoulli(key, 1 - rate, x.shape[axis:][:1])
    drop = ~rows.reshape(-1, *(1 for _ in range(-axis - 1)))
    return jnp.where((x <= 0) | drop, 0, g)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _row_drop_relu(x: Array, key: Array, rate: float, axis: int) -> Array:
    return jnp.where(x <= 0, 0, x)


def _forward(x: Array, key: Array, rate: float, axis: int) -> tuple[Array, tuple[Array, Array]]:
    return jnp.where(x <= 0, 0, x), (x, key)


def _backward(rate: float, axis: int, kept: tuple[Array, Array], g: Array) -> tuple[Array, Any]:
    x, key = kept
    dx = _passed(x, key, rate, axis, g)
    return dx, None


_row_drop_relu.defvjp(_forward, _backward)
