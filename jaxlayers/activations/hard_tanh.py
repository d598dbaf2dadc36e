"""Hard tanh. Derivation: crosscheck/catalog/activations/hard_tanh.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise


def _first(x: Array) -> Array:
    return jnp.where((x > -1) & (x < 1), jnp.ones_like(x), 0)


def _second(x: Array) -> Array:
    return jnp.zeros_like(x)


@elementwise(_first, _second)
def hard_tanh(x: Array) -> Array:
    """Identity that saturates at -1 and 1.

        min(max(x, -1), 1)

    The slope at -1 and at 1 is 0. NaN passes through.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Collobert 2004, Large scale machine learning.
    """
    return jnp.clip(x, -1, 1)
