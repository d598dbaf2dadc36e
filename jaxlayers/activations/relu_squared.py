"""Squared ReLU. Derivation: crosscheck/catalog/activations/relu_squared.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise


def _first(x: Array) -> Array:
    return jnp.where(x <= 0, 0, 2 * x)


def _second(x: Array) -> Array:
    return jnp.where(x > 0, jnp.full_like(x, 2), 0)


@elementwise(_first, _second)
def relu_squared(x: Array) -> Array:
    """Square of the rectified linear unit.

        x² if x > 0, 0 if x <= 0

    At 0 the second derivative is that of the side x <= 0: 0.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: So et al. 2021, https://arxiv.org/abs/2109.08668
    """
    return jnp.where(x <= 0, 0, x * x)
