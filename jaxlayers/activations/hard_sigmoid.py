"""Hard sigmoid. Derivation: crosscheck/catalog/activations/hard_sigmoid.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise


def _first(x: Array) -> Array:
    return jnp.where((x > -3) & (x < 3), jnp.full_like(x, 1 / 6), 0)


def _second(x: Array) -> Array:
    return jnp.zeros_like(x)


@elementwise(_first, _second)
def hard_sigmoid(x: Array) -> Array:
    """Straight line from 0 to 1 in place of a sigmoid.

        min(max(x + 3, 0), 6) / 6

    The slope at -3 and at 3 is 0. NaN passes through.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Howard et al. 2019, https://arxiv.org/abs/1905.02244
    """
    return jnp.clip(x + 3, 0, 6) / 6
