"""Softsign. Derivation: crosscheck/catalog/activations/softsign.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise


def _inverse(x: Array) -> Array:
    return 1 / (1 + jnp.where(x < 0, -x, x))


def _first(x: Array) -> Array:
    r = _inverse(x)
    return r * r


def _second(x: Array) -> Array:
    r = _inverse(x)
    return -2 * jnp.sign(x) * r * (r * r)  # r³ may be flushed to 0 where 2 r³ is not


@elementwise(_first, _second)
def softsign(x: Array) -> Array:
    """Sign that is smooth but for its second derivative at 0.

        x / (1 + |x|)

    At 0 the second derivative is 0; beside it, it is 2 and -2.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Bergstra et al. 2009, Quadratic polynomials learn better image features.
    """
    largest = float(jnp.finfo(x.dtype).max)
    x = jnp.clip(x, -largest, largest)  # inf / inf would be NaN
    return x / (1 + jnp.abs(x))
