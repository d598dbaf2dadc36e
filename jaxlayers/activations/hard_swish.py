"""Hard swish. Derivation: crosscheck/catalog/activations/hard_swish.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise


def _first(x: Array) -> Array:
    return jnp.where(x <= -3, 0, jnp.where(x >= 3, 1, (2 * x + 3) / 6))


def _second(x: Array) -> Array:
    return jnp.where((x > -3) & (x < 3), jnp.full_like(x, 1 / 3), 0)


@elementwise(_first, _second)
def hard_swish(x: Array) -> Array:
    """Product of x and its hard sigmoid.

        x min(max(x + 3, 0), 6) / 6

    The slope at -3 is 0 and at 3 it is 1; the value at -inf is 0. NaN passes through.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Howard et al. 2019, https://arxiv.org/abs/1905.02244
    """
    return jnp.where(x <= -3, 0, x) * (jnp.clip(x + 3, 0, 6) / 6)
