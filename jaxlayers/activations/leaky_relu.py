"""Leaky ReLU. Derivation: crosscheck/catalog/activations/leaky_relu.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise


def _first(x: Array, negative_slope: float) -> Array:
    return jnp.where(x > 0, jnp.ones_like(x), negative_slope)


def _second(x: Array, negative_slope: float) -> Array:
    return jnp.zeros_like(x)


@elementwise(_first, _second)
def leaky_relu(x: Array, negative_slope: float = 0.01) -> Array:
    """Leaky rectified linear unit.

        x if x > 0, negative_slope x if x <= 0

    The slope at 0 is negative_slope.

    Args:
        x: (...)
        negative_slope: a finite number.

    Raises:
        TypeError: x is not a floating-point array, or negative_slope not a Python number.
        ValueError: negative_slope is not finite.

    Reference: Maas et al. 2013, Rectifier nonlinearities improve neural network acoustic models.
    """
    negative = negative_slope * x if negative_slope else 0  # 0 times -inf would be NaN
    return jnp.where(x <= 0, negative, x)
